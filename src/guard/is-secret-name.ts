/** Parts of names whose values are secret wherever they stand, without separators. */
const SECRET_PARTS = [
  'password',
  'passwd',
  'passphrase',
  'passwort',
  'secret',
  'token',
  'authorization',
  'authorisation',
  'apikey',
  'accesskey',
  'accountkey',
  'privatekey',
  'signingkey',
  'encryptionkey',
  'masterkey',
  'credential',
  'cookie',
  'sessionid',
  'connectionstring',
  'databaseurl',
]
/** Short names, which are parts of harmless ones. */
const SECRET_WHOLES = new Set(['pwd', 'pin', 'otp', 'totp', 'cvv', 'cvc', 'ssn', 'auth', 'bearer', 'jwt', 'dsn', 'signature'])

/** Whether the value of a key with this name is a secret: `apiKey`, `x-api-key` and `API_KEY` are one name, however wide its letters are. */
export function isSecretName(name: string): boolean {
  const plain = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
  return SECRET_WHOLES.has(plain) || SECRET_PARTS.some((part) => plain.includes(part))
}
