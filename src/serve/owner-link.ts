import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '#config.ts'
import { createEgress } from '#egress/index.ts'
import { createIdentity } from '#identity/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { openStore } from '#store/index.ts'

export interface OwnerLink {
  readonly url: string
  readonly expiresAtMs: number
}

/** A fresh one-time link: from the running server, which owns the database, or straight from the database when none runs. */
export async function ownerLink(settings: Settings, now: () => number): Promise<OwnerLink> {
  const running = readRunning(settings.dataDir)
  if (running !== null) {
    const link = await askServer(running.url, readKey(settings.dataDir))
    if (link !== null) return link
  }
  const store = await openStore({
    ...(settings.databaseUrl === undefined ? { file: join(settings.dataDir, 'sallyport.db') } : { databaseUrl: settings.databaseUrl }),
    now,
  })
  try {
    const token = await createIdentity({ store, now }).createOwnerLink()
    return { url: `${settings.publicUrl}/welcome?token=${token}`, expiresAtMs: now() + LIMITS.ownerLinkMsMax }
  } finally {
    await store.close()
  }
}

function readRunning(dataDir: string): { url: string } | null {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as { url: string }
  } catch {
    return null
  }
}

function readKey(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'cli.key'), 'utf8').trim()
  } catch (cause) {
    throw new Problem('not-found', 'The data folder has no cli.key that this user may read.', {
      remedy: 'Run the command as the user of the server.',
      cause,
    })
  }
}

/** Null when nobody answers: the server is gone and left its note behind. */
async function askServer(url: string, key: string): Promise<OwnerLink | null> {
  const egress = createEgress({ allow: [] })
  try {
    const response = await egress.safeFetch(`${url}/api/v1/owner/link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      isTrusted: true,
    })
    if (response.status !== 200 && response.status !== 201) return null
    const { url: link, expiresAt } = JSON.parse(response.body.toString()) as { url: string; expiresAt: string }
    return { url: link, expiresAtMs: Date.parse(expiresAt) }
  } catch {
    return null
  } finally {
    await egress.close()
  }
}
