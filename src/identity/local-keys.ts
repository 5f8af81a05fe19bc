import { join } from 'node:path'
import { ensurePrivateFile } from '#store/index.ts'
import { Problem } from '#std/index.ts'
import { newKeyText, sha256Of } from './key-text.ts'
import { DEFAULT_TENANT, type KeyRecord, SCOPES } from './model.ts'

const KEY_TEXT = /^sp_[A-Za-z0-9_-]{43}$/

export interface CliKey {
  readonly record: KeyRecord
  readonly file: string
}

/**
 * The key of the command line on this machine: `cli.key` in the data folder, made at the first start, mode 0600. The
 * file alone is the truth: whoever can read it is the owner, and deleting it before a start exchanges it. Throws
 * `unsafe-file` when others may read it or it holds something else.
 */
export function ensureCliKey(dataDir: string): CliKey {
  const file = join(dataDir, 'cli.key')
  const text = ensurePrivateFile(file, () => Buffer.from(`${newKeyText()}\n`))
    .toString()
    .trim()
  if (!KEY_TEXT.test(text))
    throw new Problem('unsafe-file', `${file} does not hold a key.`, { remedy: 'Delete it: the next start makes a new one.' })
  return { record: ownerRecord('key_cli', 'Command line on this machine', text), file }
}

/** The owner key of the settings, which no database knows. Headers carry no outer white space, so neither does the key. */
export function ownerKeyRecord(text: string): KeyRecord {
  return ownerRecord('key_settings', 'SALLYPORT_OWNER_KEY', text.trim())
}

function ownerRecord(id: string, name: string, text: string): KeyRecord {
  return {
    id,
    tenant: DEFAULT_TENANT,
    name,
    kind: 'owner',
    sha256: sha256Of(text),
    scopes: SCOPES,
    endpoints: null,
    tools: null,
    expiresAtMs: null,
  }
}
