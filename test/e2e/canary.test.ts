// Secrets that pass through stay on their way: nothing that is written down or shown to somebody else holds them.
import { randomBytes } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sendResult, startModernUpstream, textResult } from '../fixtures/modern-upstream.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { stdioFixture, waitForTools } from './upstreams.ts'
import { callLegacy, callModern, openSession, post, textOf } from './wire.ts'

const canary = (name: string) => `canary-${name}-${randomBytes(12).toString('hex')}`
const CANARIES = {
  environment: canary('environment'),
  'environment, literal': canary('environment-literal'),
  header: canary('header'),
  'header, literal': canary('header-literal'),
  argument: canary('argument'),
  result: canary('result'),
  'error of an upstream': canary('upstream-error'),
  'wrong key': canary('wrong-key'),
  query: canary('query'),
  cookie: canary('cookie'),
  'body that is not JSON': canary('malformed'),
  'made-up session': canary('session'),
}
const CALLS_MIN = 10

let upstream: RawServer
let sallyport: Sallyport
/** Where nothing may be found: name → text. */
let places: Record<string, string>

beforeAll(async () => {
  upstream = await startModernUpstream((message, response) => {
    const args = (message.params?.['arguments'] ?? {}) as { fail?: boolean }
    if (args.fail === true) response.writeHead(500, { 'content-type': 'text/plain' }).end(`boom ${CANARIES['error of an upstream']}`)
    else sendResult(response, message.id, textResult(CANARIES.result))
  })
  sallyport = await startSallyport({
    env: { SALLYPORT_LOG: 'trace', CANARY_ENVIRONMENT: CANARIES.environment, CANARY_HEADER: CANARIES.header },
    declared: {
      mcpServers: {
        local: stdioFixture('good', {}, { FROM_ENV: 'env:CANARY_ENVIRONMENT', API_TOKEN: CANARIES['environment, literal'] }),
        remote: { url: upstream.url, headers: { 'X-Token': 'env:CANARY_HEADER', Authorization: `Bearer ${CANARIES['header, literal']}` } },
      },
    },
  })
  await waitForTools(sallyport, ['local__work', 'remote__work'])
  await useEverything()
  places = await collectPlaces()
})

afterAll(async () => {
  await sallyport?.stop()
  await upstream?.close()
})

const authorization = () => ({ authorization: `Bearer ${sallyport.ownerKey}` })

/** Sends every canary through at least once, with success and with failure. */
async function useEverything(): Promise<void> {
  const key = sallyport.ownerKey
  const args = { password: CANARIES.argument }
  for (const [path, prefix] of [
    ['/mcp', 'remote__'],
    ['/mcp/remote', ''],
  ] as const) {
    const url = sallyport.url + path
    await callModern(url, 'tools/call', { name: `${prefix}work`, arguments: args }, { key, headers: { cookie: CANARIES.cookie } })
    await callModern(url, 'tools/call', { name: `${prefix}work`, arguments: { ...args, fail: true } }, { key })
    await callModern(`${url}?token=${CANARIES.query}`, 'tools/list', {}, { key })
    await callModern(url, 'tools/list', {}, { key: CANARIES['wrong key'] })
    await post(url, `{"jsonrpc":"2.0","id":1,"method":${CANARIES['body that is not JSON']}}`, { key })
    await post(url, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', { key, session: CANARIES['made-up session'] })
    await callModern(url, 'tools/call', { name: `${prefix}work`, arguments: [CANARIES.argument] }, { key })
  }
  const session = await openSession(`${sallyport.url}/mcp`, { key })
  await callLegacy(`${sallyport.url}/mcp`, 'tools/call', { name: 'local__work', arguments: args }, { key, session })
}

async function collectPlaces(): Promise<Record<string, string>> {
  const read = async (path: string) => {
    const answer = await fetch(sallyport.url + path, { headers: authorization() })
    expect(answer.status).toBe(200)
    return answer.text()
  }
  const activity = await vi.waitFor(
    async () => {
      const text = await read('/api/v1/activity?limit=500')
      if (text.split('"tools/call"').length <= CALLS_MIN / 2) throw new Error(`Too few calls in the activity: ${text}`)
      return text
    },
    { timeout: 10_000, interval: 100 },
  )
  const data = join(sallyport.dataDir, 'data')
  const files = globSync('**', { cwd: data }).filter((path) => statSync(join(data, path)).isFile())
  const stored = files.map((path) => [`file ${path}`, readFileSync(join(data, path), 'latin1')])
  const shown = [
    '/metrics',
    '/mcp',
    '/mcp/local',
    '/mcp/remote',
    '/api/v1/deployments',
    '/api/v1/deployments/local',
    '/api/v1/deployments/remote',
    '/api/v1/settings',
  ]
  const texts = await Promise.all(shown.map(async (path) => [path, await read(path)]))
  const commands = await Promise.all([
    sallyport.cli('activity', 'list', '--json'),
    sallyport.cli('deployment', 'show', 'remote', '--json'),
    sallyport.cli('config', 'show'),
    sallyport.cli('tool', 'call', 'remote__work', '--json-args', '{"fail":true}'),
  ])
  const printed = commands.map(({ stdout, stderr }, index) => [`command ${String(index)}`, stdout + stderr])
  return { log: sallyport.logs, activity, ...(Object.fromEntries([...stored, ...texts, ...printed]) as Record<string, string>) }
}

describe('what is written down or shown', () => {
  it('is there to be looked at', () => {
    expect(places['log']).toContain('"level"')
    expect(places['activity']).toContain('remote__work')
    expect(places['/metrics']).toMatch(/remote/)
    expect(Object.keys(places).filter((name) => name.startsWith('file ')).length).toBeGreaterThan(1)
  })

  it.each(Object.entries(CANARIES))('does not hold the secret in: %s', (_name, secret) => {
    expect(placesWith(secret)).toEqual([])
  })

  it('does not hold the key of the owner', () => {
    expect(placesWith(sallyport.ownerKey)).toEqual([])
  })
})

const placesWith = (secret: string): string[] => {
  const forms = [
    secret,
    Buffer.from(secret).toString('base64').slice(0, -4),
    Buffer.from(secret).toString('hex'),
    encodeURIComponent(secret),
  ]
  return Object.entries(places).flatMap(([name, text]) => (forms.some((form) => text.includes(form)) ? [name] : []))
}

describe('the secrets', () => {
  it('reached whom they were for', async () => {
    const seen = upstream.seen.at(-1)
    expect(seen?.headers).toMatchObject({ 'x-token': CANARIES.header, authorization: `Bearer ${CANARIES['header, literal']}` })
    const answer = await callModern(
      `${sallyport.url}/mcp/local`,
      'tools/call',
      { name: 'read-env', arguments: {} },
      { key: sallyport.ownerKey },
    )
    const environment = JSON.parse(textOf(answer.message?.result)) as Record<string, string>
    expect(environment).toMatchObject({ FROM_ENV: CANARIES.environment, API_TOKEN: CANARIES['environment, literal'] })
    expect(JSON.stringify(environment)).not.toContain(sallyport.ownerKey)
    expect(JSON.stringify(environment)).not.toContain(CANARIES.header)
  })

  it('are not in the refusals of those who sent none of them', async () => {
    const answer = await callModern(
      `${sallyport.url}/mcp/remote`,
      'tools/call',
      { name: 'work', arguments: { fail: true } },
      { key: sallyport.ownerKey },
    )
    expect(answer.message?.error?.code).toBe(5020)
    for (const secret of Object.values(CANARIES)) expect(answer.text).not.toContain(secret)
  })
})
