// A program: the two sockets of the gateway without the gateway. The body goes on as it came, through the same upstream
// client; nobody is asked, nothing is checked or written down. `relay.ts UPSTREAM_URL`
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEgress } from '#egress/index.ts'
import { createRuntime, type DeploymentRecord, type ExchangeHandler, type LaunchSpec, specDigest } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'

const spec: LaunchSpec = { kind: 'remote', url: process.argv[2] ?? '', headers: {} }
const deployment: DeploymentRecord = {
  id: 'dep_bench',
  tenant: 'default',
  name: 'modern',
  title: 'modern',
  description: '',
  access: 'public',
  deadlineMs: LIMITS.deadlineMsDefault,
  startDeadlineMs: LIMITS.startDeadlineMsDefault,
  headersMode: 'strict',
  spec,
  origin: { kind: 'declared', place: 'the benchmark' },
  digest: specDigest(spec),
  approvedDigest: specDigest(spec),
}
const runtime = createRuntime({
  dataDir: '/nonexistent',
  egress: createEgress({ allow: [] }),
  secrets: () => '',
  now: Date.now,
  log: { info() {}, warn() {} },
  version: '0',
  settings: { environment: {} },
})
runtime.reconcile([deployment])
const upstream = runtime.upstream(deployment.tenant, deployment.name)?.http
if (upstream === undefined || upstream === null) throw new Error('the runtime has no byte path to the upstream')

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks)
    const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']
    upstream.send('POST', headers, body, LIMITS.deadlineMsDefault, passOn(response))
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())

function passOn(response: ServerResponse): ExchangeHandler {
  return {
    onHead(status, headers) {
      response.writeHead(status, { 'content-type': String(headers['content-type']), 'content-length': String(headers['content-length']) })
    },
    onData: (chunk) => response.write(chunk),
    onEnd: () => void response.end(),
    onError: (error) => void response.destroy(error),
  }
}
