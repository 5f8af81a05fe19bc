import { setTimeout as delay } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { freshPostgresUrl } from '#store/testing.ts'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'
import { api, expectAudited } from './audit.ts'
import { declaredEcho, isAnswered, openConnection, startEcho, startLoad } from './load.ts'

const EVERYWHERE_MS_MAX = 1_000

describe('two nodes over one PostgreSQL', () => {
  beforeEach(({ skip }) => skip(freshPostgresUrl === null, 'SALLYPORT_TEST_DATABASE_URL names no server'))

  it('end a key everywhere within a second of its revocation on one of them, and keep one audit', async () => {
    const upstream = await startEcho()
    onTestFinished(() => upstream.close())
    const env = { SALLYPORT_DATABASE_URL: await freshPostgresUrl!() }
    const start = async (): Promise<Sallyport> => {
      const node = await startSallyport({ declared: declaredEcho(upstream), env })
      onTestFinished(() => node.stop())
      return node
    }
    const [here, there] = await Promise.all([start(), start()])
    const { id, key } = await api<{ id: string; key: string }>(here, 'POST', '/keys', { name: 'shared' })
    const connection = openConnection({ url: there.url, key })
    onTestFinished(() => connection.close())
    await delay(EVERYWHERE_MS_MAX)
    expect(await connection.call('known there')).toSatisfy(isAnswered)
    const stream = await openConnection({ url: there.url, key }).request('GET', '/mcp', { accept: 'text/event-stream' })
    expect(stream.statusCode).toBe(200)
    let isStreamOpen = true
    stream.resume().once('close', () => (isStreamOpen = false))

    const loads = [here, there].map((node, i) =>
      startLoad({ url: node.url, key: node.ownerKey, perSecond: 100, connections: 3, name: `node${String(i)}` }),
    )
    await Promise.all(loads.map((load) => load.next(isAnswered, 10_000)))
    expect(isStreamOpen).toBe(true)
    await api(here, 'DELETE', `/keys/${id}`)
    await delay(EVERYWHERE_MS_MAX)
    expect((await connection.call('revoked here')).status).toBe(401)
    expect(isStreamOpen).toBe(false)

    await Promise.all(loads.map((load) => load.stop()))
    const answers = loads.flatMap((load) => load.answers)
    expect(answers.filter((answer) => !isAnswered(answer))).toEqual([])
    // Each node carries what waits in its own spool.
    await api(there, 'POST', '/audit/verify')
    await expectAudited(here, answers)
    await expectAudited(there, answers)
  })
})

if (freshPostgresUrl === null) console.log('Two nodes are not tested: SALLYPORT_TEST_DATABASE_URL is not set.')
