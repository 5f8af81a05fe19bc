// Arguments and results of calls, where the operator keeps them: what an owner sees, and what nobody finds on the disk.
import { randomBytes } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startModernUpstream, textResult } from '../fixtures/modern-upstream.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { stdioFixture, waitForTools } from './upstreams.ts'
import { callLegacy, callModern, openSession } from './wire.ts'

const canary = (name: string) => `canary-${name}-${randomBytes(12).toString('hex')}`
const SECRETS = {
  argument: canary('argument'),
  'secret of a remote server': canary('header'),
  'secret of a process': canary('environment'),
}
/** Harmless, and so it is kept; but sealed. */
const ORDINARY = canary('ordinary')
const FLIGHT = 'sallyport-flight'

interface Bodies {
  readonly recording: string
  readonly arguments: { readonly text: string } | null
  readonly result: { readonly text: string } | null
  readonly redactions: number
  readonly keptUntil: string | null
}

let upstream: RawServer

beforeAll(async () => {
  upstream = await startModernUpstream((message, response) => {
    const given = (message.params?.['arguments'] ?? {}) as { stream?: boolean }
    const result = textResult(`the header is ${SECRETS['secret of a remote server']}, the arguments ${JSON.stringify(given)}`)
    const text = JSON.stringify({ jsonrpc: '2.0', id: message.id, result })
    if (given.stream === true) response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${text}\n\n`)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(text)
  })
})

afterAll(() => upstream?.close())

const start = (env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Sallyport> =>
  startSallyport({
    args,
    env: { CANARY_ENVIRONMENT: SECRETS['secret of a process'], CANARY_HEADER: SECRETS['secret of a remote server'], ...env },
    declared: {
      mcpServers: {
        local: stdioFixture('good', {}, { FROM_ENV: 'env:CANARY_ENVIRONMENT' }),
        remote: { url: upstream.url, headers: { 'X-Custom': 'env:CANARY_HEADER' } },
      },
    },
  })

const flightOf = (headers: Headers): string => headers.get(FLIGHT) ?? expect.unreachable('The answer names no flight record.')

async function bodiesOf(sallyport: Sallyport, id: string): Promise<{ status: number; bodies: Bodies }> {
  const answer = await fetch(`${sallyport.url}/api/v1/activity/${id}/bodies`, {
    headers: { authorization: `Bearer ${sallyport.ownerKey}` },
  })
  return { status: answer.status, bodies: (await answer.json()) as Bodies }
}

/** Bodies follow their call: the event is drained first, then they are stored. */
const keptBodies = (sallyport: Sallyport, id: string): Promise<Bodies> =>
  vi.waitFor(
    async () => {
      const { status, bodies } = await bodiesOf(sallyport, id)
      if (status !== 200 || bodies.keptUntil === null) throw new Error(`${String(status)} ${JSON.stringify(bodies)}`)
      return bodies
    },
    { timeout: 10_000, interval: 50 },
  )

describe.each([
  ['one process', []],
  ['two data-plane processes', ['--workers', '2']],
] as const)('bodies of calls to a server of %s', (_, args) => {
  let sallyport: Sallyport
  const flights: Record<string, string> = {}
  let answers = ''

  beforeAll(async () => {
    sallyport = await start({ SALLYPORT_RECORD_BODIES: 'redacted' }, args)
    await waitForTools(sallyport, ['local__work', 'remote__work'])
    const { url, ownerKey: key } = sallyport
    const given = { note: ORDINARY, password: SECRETS.argument }
    const relayed = await callModern(`${url}/mcp/remote`, 'tools/call', { name: 'work', arguments: given }, { key })
    const streamed = await callModern(`${url}/mcp/remote`, 'tools/call', { name: 'work', arguments: { ...given, stream: true } }, { key })
    const federated = await callModern(`${url}/mcp`, 'tools/call', { name: 'remote__work', arguments: given }, { key })
    const invoked = await fetch(`${url}/mcp/remote/invoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'work', arguments: given }),
    })
    const session = await openSession(`${url}/mcp`, { key })
    const process = await callLegacy(`${url}/mcp`, 'tools/call', { name: 'local__read-env', arguments: given }, { key, session })
    answers = relayed.text + process.text
    for (const [name, { headers }] of Object.entries({ relayed, streamed, federated, invoked, process })) flights[name] = flightOf(headers)
  })

  afterAll(() => sallyport?.stop())

  it('change nothing of what the client gets', () => {
    expect(answers).toContain(SECRETS['secret of a remote server'])
    expect(answers).toContain(SECRETS['secret of a process'])
  })

  it.each(['relayed', 'streamed', 'federated', 'invoked', 'process'])('are kept without secrets: %s', async (name) => {
    const bodies = await keptBodies(sallyport, flights[name]!)
    expect(bodies.recording).toBe('redacted')
    expect(JSON.parse(bodies.arguments!.text)).toMatchObject({ note: ORDINARY, password: '[redacted: secret]' })
    expect(JSON.parse(bodies.result!.text)).toMatchObject({ content: [{ type: 'text' }] })
    expect(bodies.result!.text).toContain('[redacted: secret]')
    expect(bodies.redactions).toBeGreaterThanOrEqual(2)
    for (const secret of Object.values(SECRETS)) expect(JSON.stringify(bodies)).not.toContain(secret)
  })

  it('are shown by the command line, and each look is recorded', async () => {
    const { code, stdout } = await sallyport.cli('activity', 'show', flights['relayed']!, '--bodies')
    expect([code, stdout]).toEqual([0, expect.stringContaining(ORDINARY)])
    const { stdout: listed } = await vi.waitFor(
      async () => {
        const found = await sallyport.cli('activity', 'list', '--method', 'activity-bodies.get', '--json')
        if (!found.stdout.includes(flights['relayed']!)) throw new Error(found.stdout)
        return found
      },
      { timeout: 10_000, interval: 100 },
    )
    expect(listed).not.toContain(ORDINARY)
  })

  it('are not readable in any file of the data folder, nor in the log', () => {
    const data = join(sallyport.dataDir, 'data')
    const files = globSync('**', { cwd: data }).filter((path) => statSync(join(data, path)).isFile())
    const texts = [sallyport.logs, ...files.map((path) => readFileSync(join(data, path), 'latin1'))]
    expect(texts.some((text) => text.includes('call_body'))).toBe(true)
    for (const secret of [...Object.values(SECRETS), ORDINARY]) {
      const forms = [secret, Buffer.from(secret).toString('base64').slice(0, -4), Buffer.from(secret).toString('hex')]
      expect(texts.filter((text) => forms.some((form) => text.includes(form)))).toEqual([])
    }
  })
})

describe('bodies of calls to a server that keeps none', () => {
  it('are nowhere, and the answer says what would keep them', async () => {
    const sallyport = await start({})
    try {
      await waitForTools(sallyport, ['remote__work'])
      const { headers } = await callModern(
        `${sallyport.url}/mcp/remote`,
        'tools/call',
        { name: 'work', arguments: { note: ORDINARY } },
        { key: sallyport.ownerKey },
      )
      const bodies = await vi.waitFor(
        async () => {
          const found = await bodiesOf(sallyport, flightOf(headers))
          if (found.status !== 200) throw new Error(String(found.status))
          return found.bodies
        },
        { timeout: 10_000, interval: 50 },
      )
      expect(bodies).toEqual({ recording: 'off', arguments: null, result: null, redactions: 0, keptUntil: null })
      const { stderr } = await sallyport.cli('activity', 'show', flightOf(headers), '--bodies')
      expect(stderr).toContain('SALLYPORT_RECORD_BODIES=redacted')
    } finally {
      await sallyport.stop()
    }
  })
})
