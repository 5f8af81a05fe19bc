// The measurements. Each takes what it compares in turns, A B C A B C …, so that a noisy neighbour hits all alike.
import { join } from 'node:path'
import type { Order, Report, Request } from './load.ts'
import { cpuUs, nextMessage, startProgram, type Program } from './processes.ts'

/** Something that answers calls: its address and the process that pays for them. */
export interface Subject {
  readonly name: string
  readonly pid: number
  readonly request: Request
}

export interface Generator extends Program {
  obey(order: Order): Promise<Report>
}

export interface CpuWindow {
  readonly subject: string
  readonly usPerCall: number
  readonly report: Report
}

const WARM_CONNECTIONS = 16
const CONNECTIONS = 64
const LATENCY_PER_SECOND = 1000
const FIRST_CALL_MS_MAX = 30_000

export function startGenerator(): Generator {
  const program = startProgram(1, [join(import.meta.dirname, 'load.ts')])
  return {
    ...program,
    async obey(order) {
      program.child.send(order)
      return await nextMessage<Report>(program)
    },
  }
}

/** Calls once a connection until every answer is a result: a server that still starts is no failure. */
export async function warmUp(generator: Generator, subject: Subject, durationMs: number): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    const report = await generator.obey({ kind: 'closed', request: subject.request, connections: WARM_CONNECTIONS, durationMs })
    if (report.errors === 0) return
    if (performance.now() - startedAt > FIRST_CALL_MS_MAX) throw new Error(`${subject.name} does not answer calls: ${report.firstError}`)
  }
}

/** CPU per call of each subject at saturation. */
export async function measureCpu(
  generator: Generator,
  subjects: readonly Subject[],
  rounds: number,
  durationMs: number,
): Promise<CpuWindow[]> {
  const windows: CpuWindow[] = []
  for (let round = 0; round < rounds; round++) {
    for (const { name, pid, request } of subjects) {
      const before = cpuUs(pid)
      const report = await generator.obey({ kind: 'closed', request, connections: CONNECTIONS, durationMs })
      windows.push({ subject: name, usPerCall: (cpuUs(pid) - before) / report.calls, report })
    }
  }
  return windows
}

/** What each subject adds to a call at a fixed rate, as reports in the order of the subjects, one list per round. */
export async function measureLatency(
  generator: Generator,
  subjects: readonly Subject[],
  rounds: number,
  durationMs: number,
): Promise<Report[][]> {
  const all: Report[][] = []
  for (let round = 0; round < rounds; round++) {
    const reports: Report[] = []
    for (const { request } of subjects) {
      reports.push(await generator.obey({ kind: 'open', request, connections: CONNECTIONS, durationMs, perSecond: LATENCY_PER_SECOND }))
    }
    all.push(reports)
  }
  return all
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
