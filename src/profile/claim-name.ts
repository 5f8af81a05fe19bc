import type { Transaction } from 'kysely'
import type { Database } from '#store/index.ts'
import { Problem } from '#std/index.ts'

/** Whether a name belongs to something that the database does not know, such as a declared deployment. */
export type NameTaken = (tenant: string, name: string) => boolean

/**
 * Takes a name out of the name space that deployments and profiles share, on every node at once. Throws `conflict`
 * when it is taken. Whoever is restricted to it still loses it: that was for something else, which left the declared file
 * or went while the key was being made. Answers with those keys.
 */
export async function claimName(
  transaction: Transaction<Database>,
  tenant: string,
  name: string,
  kind: 'deployment' | 'profile',
  isTaken: NameTaken,
  withdraw: WithdrawName,
): Promise<readonly LosingKey[]> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('endpoint_name')
    .values({ tenant, name, kind })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (numInsertedOrUpdatedRows !== 1n || isTaken(tenant, name))
    throw new Problem('conflict', `The name ${name} is taken by another deployment or profile.`, { remedy: 'Choose another name.' })
  return withdraw(transaction, tenant, name)
}

/** A credential that was restricted to a name which is given back, and lost it. */
export interface LosingKey {
  readonly id: string
  readonly name: string
  /** It had no other name. */
  readonly isRevoked: boolean
}

/** Takes a name out of the credentials that are restricted to it, within the transaction that gives the name back. */
export type WithdrawName = (transaction: Transaction<Database>, tenant: string, name: string) => Promise<readonly LosingKey[]>

export const withdrawFromNobody: WithdrawName = async () => []

/**
 * Gives the name back. What had it must be gone before, and nobody keeps a grant that the next thing of this name would
 * inherit.
 */
export async function releaseName(
  transaction: Transaction<Database>,
  tenant: string,
  name: string,
  withdraw: WithdrawName,
): Promise<readonly LosingKey[]> {
  await transaction.deleteFrom('endpoint_name').where('tenant', '=', tenant).where('name', '=', name).execute()
  return withdraw(transaction, tenant, name)
}
