import { join } from 'node:path'
import type { Settings } from '#config.ts'
import { createIdentity, ensureCliKey, ownerKeyRecord, withdrawEndpoint, type Identity, type KeyRecord } from '#identity/index.ts'
import { createProfileStore, type ProfileStore, type WithdrawName } from '#profile/index.ts'
import { createDeploymentStore, type DeploymentStore } from '#runtime/index.ts'
import { openStore, type Store } from '#store/index.ts'
import type { Log } from '#telemetry/index.ts'
import { openVault, type Vault } from '#vault/index.ts'
import { prepareDataFolder } from './data-folder.ts'
import { createDeclaredState, type DeclaredState } from './declared-state.ts'

/** What is written down: in the database, in the declared file and in the key files of the data folder. */
export interface Records {
  readonly store: Store
  readonly vault: Vault
  readonly identity: Identity
  readonly profiles: ProfileStore
  readonly deployments: DeploymentStore
  readonly declared: DeclaredState
  /** Owners that no database knows: the command line of this machine, and the key of the settings. */
  readonly localKeys: readonly KeyRecord[]
}

export interface RecordsOptions {
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly rootFolder: string
  readonly log: Log
  readonly now: () => number
}

/** Opens the data folder and the database, and reads the declared file. Rejects with what to mend. */
export async function openRecords({ settings, env, rootFolder, log, now }: RecordsOptions): Promise<Records> {
  prepareDataFolder(settings.dataDir)
  const store = await openStore({
    ...(settings.databaseUrl === undefined ? { file: join(settings.dataDir, 'sallyport.db') } : { databaseUrl: settings.databaseUrl }),
    now,
    onError: (error) => log.warn({ err: error }, 'a database connection failed'),
  })
  try {
    const vault = await openVault({ store, keyFile: join(settings.dataDir, 'vault.key'), now })
    const identity = createIdentity({ store, now })
    const cliKey = ensureCliKey(settings.dataDir).record
    let declared: DeclaredState | null = null
    const isTaken = (_tenant: string, name: string): boolean =>
      [...(declared?.deployments() ?? []), ...(declared?.profiles() ?? [])].some((record) => record.name === name)
    const withdraw: WithdrawName = async (transaction, tenant, name) => {
      const keys = await withdrawEndpoint(transaction, tenant, name, now(), store.dialect)
      if (keys.length > 0) log.info({ endpoint: name, keys: keys.map(({ id }) => id) }, 'keys lose a name that they were restricted to')
      return keys
    }
    const profiles = createProfileStore({ store, now, isTaken, withdraw })
    const deployments = createDeploymentStore({ store, now, isTaken, withdraw })
    const liveNames = async (): Promise<ReadonlySet<string>> =>
      new Set([...(await profiles.list()), ...(await deployments.list())].map((record) => record.name))
    declared = await createDeclaredState({ settings, env, vault, liveNames, rootFolder })
    const localKeys = settings.ownerKey === undefined ? [cliKey] : [cliKey, ownerKeyRecord(settings.ownerKey)]
    return { store, vault, identity, profiles, deployments, declared, localKeys }
  } catch (error) {
    await store.close()
    throw error
  }
}
