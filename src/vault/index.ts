/**
 * What must not leak: secrets, each sealed with a key of its own, which a key outside the database wraps. Gives a
 * secret to whoever asks for it by tenant and name inside this process; never to an API, a log or a snapshot.
 */
export { openVault, type SecretEntry, type Vault, type VaultOptions } from './vault.ts'
export { createSealedReader, type SealedReader, sealText } from './sealed-text.ts'
