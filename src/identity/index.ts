/**
 * Who is asking: API keys, the owner, and how a bearer credential becomes a caller. Says nothing about what a caller
 * may do beyond the scopes and names its credential carries.
 */
export * from './model.ts'
export { ANONYMOUS, createAuthenticator, type AuthenticatorOptions } from './authenticate.ts'
export { createIdentity, type Identity, type IdentityOptions } from './create-identity.ts'
export type { ApiKey, KeyInput, KeyPage, KeyUse, NewKey } from './api-keys.ts'
export type { NewConsoleSession, SessionKey } from './console-sessions.ts'
export { type CliKey, ensureCliKey, ownerKeyRecord } from './local-keys.ts'
export { type NarrowedKey, withdrawEndpoint } from './withdraw-endpoint.ts'
