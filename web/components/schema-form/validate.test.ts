import { describe, expect, it } from 'vitest'
import { Worker as NodeThread } from 'node:worker_threads'
import { join } from 'node:path'
import { createValidate, type Thread } from './validate.ts'

/** A thread of Node in the place of the browser's, with the same check in it. */
function startThread(): Thread {
  const file = join(import.meta.dirname, 'check-value.ts')
  const source = `
    import { parentPort } from 'node:worker_threads'
    import { Validator } from '@cfworker/json-schema'
    parentPort.on('message', ({ id, schemaJson, valueJson }) => {
      const { errors } = new Validator(JSON.parse(schemaJson), '2020-12', false).validate(JSON.parse(valueJson))
      parentPort.postMessage({ id, validation: { errors: errors.map(({ error }) => ({ path: '', message: error, isMissing: false })), skipped: null } })
    })
    parentPort.postMessage({ id: 0, validation: null })`
  const thread = new NodeThread(
    new URL(
      `data:text/javascript,${encodeURIComponent(source.replace("'@cfworker/json-schema'", JSON.stringify(import.meta.resolve('@cfworker/json-schema', `file://${file}`))))}`,
    ),
  )
  thread.unref()
  return {
    postMessage: (question) => thread.postMessage(question, []),
    terminate: () => void thread.terminate(),
    addEventListener: (name, listener) =>
      void (name === 'message' ? thread.on('message', (data) => listener({ data })) : thread.on('error', () => listener({}))),
  }
}

describe('createValidate', () => {
  it('answers questions in their order from one thread', async () => {
    let starts = 0
    const validate = createValidate(() => (starts++, startThread()))
    const [good, bad] = await Promise.all([validate({ type: 'string' }, 'x'), validate({ type: 'string' }, 7)])
    expect(good).toEqual({ errors: [], skipped: null })
    expect(bad.errors).toHaveLength(1)
    expect(starts).toBe(1)
  })

  it('stops a pattern that would never end, says so, and goes on', async () => {
    let starts = 0
    const validate = createValidate(() => (starts++, startThread()), 300)
    const { skipped } = await validate({ pattern: '^(a+)+$' }, `${'a'.repeat(60)}!`)
    expect(skipped).toContain('too long')
    expect((await validate({ type: 'string' }, 7)).errors).toHaveLength(1)
    expect(starts).toBe(2)
  })

  it('stops a schema that doubles itself', async () => {
    const $defs: Record<string, unknown> = { s0: { type: 'string' } }
    for (let level = 1; level <= 40; level++)
      $defs[`s${level}`] = { allOf: [{ $ref: `#/$defs/s${level - 1}` }, { $ref: `#/$defs/s${level - 1}` }] }
    const validate = createValidate(startThread, 300)
    expect((await validate({ $defs, $ref: '#/$defs/s40' }, 1)).skipped).toContain('too long')
  })

  it('does not start a thread for what is too large, or for what cannot be written down', async () => {
    const validate = createValidate(() => {
      throw new Error('never')
    })
    expect((await validate({ title: 'x'.repeat(600_000) }, 1)).skipped).toContain('schema')
    const circle: unknown[] = []
    circle.push(circle)
    expect((await validate({}, circle)).skipped).toContain('arguments')
  })

  it('says so when a thread cannot be had', async () => {
    const validate = createValidate(() => {
      throw new Error('blocked')
    })
    expect((await validate({}, 1)).skipped).toContain('could not be started')
  })
})
