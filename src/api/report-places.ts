import { LIMITS, Problem } from '#std/index.ts'

/** Reports add up many rows: so many are made at a time, for all and for each tenant, so that one does not take the database from the rest. */
export interface ReportPlaces {
  /** Makes a report when there is a place for it. Rejects with `overloaded`, and the seconds to wait, when there is none. */
  within<T>(tenant: string, work: () => Promise<T>): Promise<T>
}

export function createReportPlaces(): ReportPlaces {
  const taken = new Map<string, number>()
  let all = 0
  return {
    async within(tenant, work) {
      const own = taken.get(tenant) ?? 0
      if (own >= LIMITS.reportsPerTenantMax || all >= LIMITS.reportsMax) {
        throw new Problem('overloaded', `${own >= LIMITS.reportsPerTenantMax ? own : all} reports are being made at this moment.`, {
          remedy: 'Ask again in a second, or for a shorter time.',
          extensions: { retryAfterSeconds: 1 },
        })
      }
      taken.set(tenant, own + 1)
      all += 1
      try {
        return await work()
      } finally {
        all -= 1
        const left = taken.get(tenant)! - 1
        if (left === 0) taken.delete(tenant)
        else taken.set(tenant, left)
      }
    },
  }
}
