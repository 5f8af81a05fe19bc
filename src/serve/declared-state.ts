import { DeclaredError, loadDeclared, watchDeclared, type DeclaredSet } from '#declared/index.ts'
import { DEFAULT_TENANT } from '#identity/index.ts'
import { STARTER_PROFILE, starterDeployments, type DeploymentRecord } from '#runtime/index.ts'
import type { ProfileRecord } from '#profile/index.ts'
import { Problem } from '#std/index.ts'
import type { Vault } from '#vault/index.ts'
import { SETTINGS, type Settings } from '#config.ts'

/** What is declared or shipped beside what is stored: the file as it was last accepted, or the starter. */
export interface DeclaredState {
  current(): DeclaredSet | null
  /** Why the last edit of the file was not taken over. */
  error(): string | null
  deployments(): readonly DeploymentRecord[]
  profiles(): readonly ProfileRecord[]
  /** Reads the file again. Rejects with `DeclaredError`; the last good set stays. */
  reload(): Promise<void>
  /** Follows edits until the result is called. */
  watch(onChange: () => Promise<void>, onError: (error: Error) => void): () => void
}

export interface DeclaredOptions {
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly vault: Vault
  /** Names that exist in the database. */
  readonly liveNames: () => Promise<ReadonlySet<string>>
  /** The folder of this program, where the examples are. */
  readonly rootFolder: string
}

export async function createDeclaredState(options: DeclaredOptions): Promise<DeclaredState> {
  const { settings, vault } = options
  const path = settings.config
  let current: DeclaredSet | null = null
  let error: string | null = null
  const starter = path === undefined && settings.starter
  const load = async (): Promise<DeclaredSet> =>
    loadDeclared({
      path: path!,
      tenant: DEFAULT_TENANT,
      env: options.env,
      openSecret: (name) => readSecret(vault, name),
      seal: (name, text) => vault.sealText(DEFAULT_TENANT, name, text),
      liveNames: await options.liveNames(),
      settingNames: Object.keys(SETTINGS),
    })
  const reload = async (): Promise<void> => {
    if (path === undefined) return
    try {
      current = await load()
      error = null
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause)
      throw cause
    }
  }
  await reload()
  return {
    current: () => current,
    error: () => error,
    deployments: () => current?.deployments ?? (starter ? starterDeployments(options.rootFolder) : []),
    profiles: () => current?.profiles ?? (starter ? [STARTER_PROFILE] : []),
    reload,
    watch(onChange, onError) {
      if (path === undefined) return () => {}
      return watchDeclared(path, async () => {
        try {
          await reload()
          await onChange()
        } catch (cause) {
          onError(cause instanceof DeclaredError ? cause : new Error('the declared file could not be taken over', { cause }))
        }
      })
    },
  }
}

async function readSecret(vault: Vault, name: string): Promise<string | undefined> {
  try {
    return await vault.get(DEFAULT_TENANT, name)
  } catch (error) {
    if (error instanceof Problem && error.type === 'not-found') return undefined
    throw error
  }
}
