import { SCHEMA_LENGTH_MAX, skipped, type Validation, VALUE_LENGTH_MAX } from './check-value.ts'
import type { Schema } from './flatten.ts'

const CHECK_MS_MAX = 1_000
/** The thread itself may come late on a busy machine. */
const START_MS_MAX = 10_000

interface Answer {
  readonly id: number
  readonly validation: Validation | null
}

/** The part of a worker that is used here. */
export interface Thread {
  postMessage: (question: unknown, transferred: []) => void
  terminate: () => void
  addEventListener: (name: 'message' | 'error', listener: (event: { readonly data?: unknown }) => void) => void
}

export type Validate = (schema: Schema, value: unknown) => Promise<Validation>

/**
 * Checks values in a thread of its own, which is ended when a pattern or a schema keeps it busy: a hostile tool costs a
 * second of another core, never the page.
 */
export function createValidate(start: () => Thread, checkMsMax = CHECK_MS_MAX): Validate {
  let thread: Promise<Thread> | null = null
  let latest = 0
  /** Gets the answers; questions are asked one at a time. */
  let listen: (answer: Answer) => void = () => {}
  /** One after the other, so that the time of one is not counted for the next. */
  let queue: Promise<unknown> = Promise.resolve()

  const ready = (): Promise<Thread> =>
    (thread ??= new Promise((resolve, reject) => {
      const started = start()
      const timer = setTimeout(() => reject(new Error('The thread did not start.')), START_MS_MAX)
      started.addEventListener('message', ({ data }) => {
        clearTimeout(timer)
        resolve(started)
        listen(data as Answer)
      })
      started.addEventListener('error', () => (clearTimeout(timer), reject(new Error('The thread failed.'))))
    }))

  const ask = async (schemaJson: string, valueJson: string): Promise<Validation> => {
    const running = await ready().catch(() => null)
    if (running === null) {
      thread = null
      return skipped('The check could not be started in this browser.')
    }
    const id = ++latest
    return new Promise((resolve) => {
      const stop = (): void => {
        running.terminate()
        thread = null
        resolve(skipped('The schema of this tool takes too long to check.'))
      }
      const timer = setTimeout(stop, checkMsMax)
      listen = (answer) => {
        if (answer.id !== id || answer.validation === null) return
        clearTimeout(timer)
        resolve(answer.validation)
      }
      running.postMessage({ id, schemaJson, valueJson }, [])
    })
  }

  return (schema, value) => {
    const [schemaJson, valueJson] = [asJson(schema ?? true), asJson(value)]
    if (schemaJson === null || schemaJson.length > SCHEMA_LENGTH_MAX)
      return Promise.resolve(skipped('The schema of this tool is too large to be checked here.'))
    if (valueJson === null || valueJson.length > VALUE_LENGTH_MAX)
      return Promise.resolve(skipped('The arguments are too large to be checked here.'))
    const answer = queue.then(() => ask(schemaJson, valueJson))
    queue = answer
    return answer
  }
}

/** Null when it cannot be written down. */
function asJson(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return null
  }
}

/** Checks a value against a JSON Schema; says so when it could not. Never throws, never blocks the page. */
export const validate: Validate = createValidate(
  () => new Worker(new URL('./validation-worker.ts', import.meta.url), { type: 'module', name: 'validation' }),
)
