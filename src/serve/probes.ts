import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Health } from '#cli/index.ts'
import type { Settings } from '#config.ts'
import { DeclaredError, readDeclaredSettings } from '#declared/index.ts'
import { probeIsolation } from '#runtime/index.ts'
import { asProblem } from '#std/index.ts'
import { openStore } from '#store/index.ts'

/** The isolation that processes get on this machine, for `sallyport doctor`. */
export async function isolationProbe(env: Readonly<Record<string, string | undefined>>): Promise<Health> {
  const { level, reason } = await probeIsolation(env)
  if (level === 'strong') return { status: 'ok', detail: `strong: ${reason}` }
  return {
    status: level === 'medium' ? 'warning' : 'failed',
    detail: `${level}: ${reason}`,
    remedy:
      level === 'none'
        ? 'Install bubblewrap and allow user namespaces; without them only servers that accept isolation `none` are started.'
        : 'Make the memory cgroup writable for this user.',
  }
}

export async function databaseProbe(settings: Settings, now: () => number): Promise<Health> {
  const file = join(settings.dataDir, 'sallyport.db')
  if (settings.databaseUrl === undefined && !existsSync(file))
    return { status: 'ok', detail: 'There is none yet; the first start makes it.' }
  try {
    const store = await openStore({ ...(settings.databaseUrl === undefined ? { file } : { databaseUrl: settings.databaseUrl }), now })
    await store.ping()
    await store.close()
    return { status: 'ok', detail: settings.databaseUrl === undefined ? file : 'PostgreSQL answers.' }
  } catch (error) {
    const problem = asProblem(error)
    return { status: 'failed', detail: problem.message, ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }) }
  }
}

export async function declaredFileProbe(path: string): Promise<Health> {
  try {
    readDeclaredSettings(path)
    return { status: 'ok', detail: path }
  } catch (error) {
    if (error instanceof DeclaredError) return { status: 'failed', detail: error.message, remedy: `Mend ${path}.` }
    throw error
  }
}
