// Where the time went: self time per area and per function of a `--cpu-prof` file, within one window of time.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './processes.ts'

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
  /** Microseconds of the monotonic clock. */
  readonly startTime: number
}

/** Microseconds of the monotonic clock, and how many calls fell between them. */
export interface ProfileWindow {
  readonly fromUs: number
  readonly untilUs: number
  readonly calls: number
}

const FUNCTIONS_MAX = 40
const AREAS_MAX = 20

/** The monotonic clock that V8's profiles use. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n)

/** Reads the largest profile in `folder` (the launcher writes one too) and prints who spent what, the largest first. */
export function renderProfile(folder: string, { fromUs, untilUs, calls }: ProfileWindow): string {
  const file = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => join(folder, name))
    .toSorted((a, b) => statSync(b).size - statSync(a).size)[0]
  if (file === undefined) return 'no profile was written\n'
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const byFunction = new Map<string, number>()
  const byArea = new Map<string, number>()
  let atUs = profile.startTime
  for (const [index, id] of profile.samples.entries()) {
    const spentUs = profile.timeDeltas[index] ?? 0
    atUs += spentUs
    const frame = frames.get(id)
    if (atUs < fromUs || atUs > untilUs || frame === undefined || frame.functionName === '(idle)') continue
    byFunction.set(nameOf(frame), (byFunction.get(nameOf(frame)) ?? 0) + spentUs)
    byArea.set(areaOf(frame), (byArea.get(areaOf(frame)) ?? 0) + spentUs)
  }
  return `${renderTop(byArea, AREAS_MAX, calls)}\n${renderTop(byFunction, FUNCTIONS_MAX, calls)}`
}

function renderTop(selfUs: ReadonlyMap<string, number>, count: number, calls: number): string {
  const total = [...selfUs.values()].reduce((sum, each) => sum + each, 0)
  const top = [...selfUs].toSorted(([, a], [, b]) => b - a).slice(0, count)
  return top
    .map(([name, us]) => `${(us / calls).toFixed(2).padStart(7)} µs ${((us / total) * 100).toFixed(1).padStart(5)} %  ${name}\n`)
    .join('')
}

const placeOf = ({ url }: CallFrame): string => url.replace(`file://${ROOT}/`, '')

function nameOf(frame: CallFrame): string {
  const place = frame.url === '' ? '' : ` ${placeOf(frame)}:${frame.lineNumber + 1}`
  return `${frame.functionName === '' ? '(anonymous)' : frame.functionName}${place}`
}

/** A folder of src/, a package, a module of Node, or what is native. */
function areaOf(frame: CallFrame): string {
  if (frame.url === '') return frame.functionName.startsWith('(') ? frame.functionName : '(native)'
  return (/^src\/[^/]+|node_modules\/(?:@[^/]+\/)?[^/]+|^node:(?:internal\/)?[^/]+/.exec(placeOf(frame)) ?? ['(other)'])[0]
}
