import { afterEach, describe, expect, it } from 'vitest'
import { createEgress } from '#egress/index.ts'
import { specDigest } from './deployment-store.ts'
import type { DeploymentRecord, DeploymentStatus, RemoteSpec, Runtime } from './model.ts'
import { legacyScript, modernScript, resultFor, type Script, type ScriptedServer, sendJson, startScriptedServer } from './remote/testing.ts'
import { createRuntime } from './runtime.ts'
import { deploymentOf, NO_SANDBOX } from './testing.ts'

let server: ScriptedServer
let runtime: Runtime

afterEach(async () => {
  await runtime.close()
  await server.close()
})

/** The first status of a remote server that fits. */
async function statusOf(script: Script, fits: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus> {
  server = await startScriptedServer(script)
  const spec: RemoteSpec = { kind: 'remote', url: server.url, headers: {} }
  const digest = specDigest(spec)
  const record: DeploymentRecord = { ...deploymentOf({}), spec, digest, approvedDigest: digest, origin: { kind: 'declared', place: 'x' } }
  runtime = createRuntime({
    dataDir: '/nonexistent/sallyport',
    egress: createEgress({ allow: [] }),
    secrets: () => '',
    now: Date.now,
    log: { info: () => {}, warn: () => {} },
    version: '1',
    settings: { environment: {}, isolation: Promise.resolve(NO_SANDBOX) },
  })
  return new Promise((resolve) => {
    runtime.onStatus((_tenant, status) => {
      if (fits(status)) resolve(status)
    })
    runtime.reconcile([record])
  })
}

const lists = (): number => server.seen.filter((seen) => seen.message.method === 'tools/list').length
const tool = (name: string): object => ({ name, inputSchema: { type: 'object' } })
const twoPages: Script = (seen, response) => {
  const isFirst = seen.message.params?.['cursor'] === undefined
  sendJson(response, 200, resultFor(seen, isFirst ? { tools: [tool('a'), tool('b')], nextCursor: 'next' } : { tools: [tool('c')] }))
}

describe('the tools of a remote server', () => {
  it.each([
    ['modern', modernScript(twoPages)],
    ['legacy', legacyScript(twoPages)],
  ])('of the %s era are counted over all pages, once, before anybody lists them', async (era, script) => {
    expect(await statusOf(script, (status) => status.toolCount !== null)).toMatchObject({ state: 'ready', era, toolCount: 3 })
    await runtime.upstream('default', 'fixture')!.describe(Date.now() + 5_000)
    expect(lists()).toBe(2)
  })

  it('are none, and not asked for, when it offers none', async () => {
    expect(await statusOf(modernScript(twoPages, {}), (status) => status.toolCount !== null)).toMatchObject({ toolCount: 0 })
    expect(lists()).toBe(0)
  })

  it('stay unknown when it fails to list them, and it stays ready', async () => {
    let refused = (): void => {}
    const asked = new Promise<void>((resolve) => (refused = resolve))
    const script = modernScript((_seen, response) => response.writeHead(500).end(refused()))
    await statusOf(script, (status) => status.state === 'ready')
    await asked
    await expect(
      runtime.upstream('default', 'fixture')!.request({ method: 'tools/call', params: { name: 'a' }, deadlineAtMs: Date.now() + 5_000 })
        .answer,
    ).rejects.toMatchObject({ name: 'Problem' })
    expect(runtime.statuses('default')).toMatchObject([{ state: 'ready', toolCount: null }])
  })
})
