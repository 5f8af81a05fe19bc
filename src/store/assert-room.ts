import type { Transaction } from 'kysely'
import { type LimitName, LIMITS, Problem } from '#std/index.ts'
import type { Database } from './schema.ts'

type TenantTable = 'api_key' | 'console_session' | 'deployment' | 'profile' | 'secret'

/** Throws `overloaded` when the tenant has as many rows in the table as the limit allows. */
export async function assertRoom(transaction: Transaction<Database>, table: TenantTable, tenant: string, limit: LimitName): Promise<void> {
  const { count } = await transaction
    .selectFrom(table)
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('tenant', '=', tenant)
    .executeTakeFirstOrThrow()
  if (count < LIMITS[limit]) return
  throw new Problem('overloaded', `This tenant has as many as it may have: ${LIMITS[limit]} (${limit}).`, {
    remedy: 'Remove some that are not needed.',
  })
}
