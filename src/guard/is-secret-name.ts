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
const NAME_LENGTH_MAX = 256

/** Whether the value of a key with this name is a secret: `apiKey`, `x-api-key` and `API_KEY` are one name. */
export function isSecretName(name: string): boolean {
  if (name.length > NAME_LENGTH_MAX) return false
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return SECRET_WHOLES.has(plain) || SECRET_PARTS.some((part) => plain.includes(part))
}
