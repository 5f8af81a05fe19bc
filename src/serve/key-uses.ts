import type { DrainedBatch } from '#audit/index.ts'
import type { Identity } from '#identity/index.ts'
import { LIMITS } from '#std/index.ts'

/** Notes the last use of keys from the audit: gathered, and written down once in a while. */
export interface KeyUses {
  see(batch: Pick<DrainedBatch, 'keyUses'>): void
  close(): Promise<void>
}

export function createKeyUses(identity: Identity, onError: (error: unknown) => void): KeyUses {
  let uses = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  const flush = async (): Promise<void> => {
    timer = undefined
    const seen = uses
    uses = new Map()
    await identity.touchKeys([...seen].map(([id, atMs]) => ({ id, atMs }))).catch(onError)
  }
  return {
    see({ keyUses }) {
      for (const [id, atMs] of keyUses) uses.set(id, atMs)
      if (uses.size > 0) timer ??= setTimeout(() => void flush(), LIMITS.keyUseIntervalMs).unref()
    },
    async close() {
      clearTimeout(timer)
      await flush()
    },
  }
}
