import { Problem } from '#std/index.ts'
import { contextOf, seal, unseal } from './cipher.ts'

const PREFIX = 'v1.'

/** Opens what `Vault.sealText` sealed: all that a data-plane worker is given of the vault. */
export interface SealedReader {
  /** Throws `secret-unreadable` when the text was changed or sealed for another tenant or name. */
  openText(tenant: string, name: string, sealed: string): string
}

/** `key` is that of `Vault.readerKey`. */
export function createSealedReader(key: Buffer): SealedReader {
  return {
    openText(tenant, name, sealed) {
      try {
        if (!sealed.startsWith(PREFIX)) throw new TypeError('unknown form of seal')
        return unseal(key, contextOf(tenant, name, 'text'), sealed.slice(PREFIX.length)).toString()
      } catch (cause) {
        throw new Problem('secret-unreadable', `The sealed value of ${name} does not open.`, { cause })
      }
    },
  }
}

export function sealText(key: Buffer, tenant: string, name: string, text: string): string {
  return PREFIX + seal(key, contextOf(tenant, name, 'text'), Buffer.from(text))
}
