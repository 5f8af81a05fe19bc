// One example per route: shown in the reference and the OpenAPI document, checked against the shapes by a test.
import type { RouteId } from './contract.ts'

export interface Example {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly response?: unknown
}

const AT = '2026-11-21T10:00:00.000Z'
const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const name = { name: 'docs' }
const remoteSpec = { kind: 'remote', url: 'https://mcp.example.com/mcp', headers: { Authorization: 'Bearer …' } }
const status = {
  state: 'ready',
  era: 'modern',
  isolation: 'remote',
  pid: null,
  restarts: 0,
  since: AT,
  toolCount: 3,
  cause: null,
  remedy: null,
  denied: [],
}
const deployment = {
  name: 'docs',
  title: 'docs',
  description: '',
  access: 'granted',
  deadlineMs: 30_000,
  startDeadlineMs: 60_000,
  headersMode: 'strict',
  endpoint: 'http://127.0.0.1:7255/mcp/docs',
  origin: { kind: 'api' },
  spec: {
    kind: 'remote',
    url: 'https://mcp.example.com/mcp',
    headers: { Authorization: { secret: 'deployment/docs/header/authorization' } },
  },
  digest: DIGEST,
  isApproved: true,
  status,
}
const rules = { include: [], exclude: ['everything__get-env'], rename: {}, describe: {}, fix: {} }
const profile = {
  name: 'dev',
  title: 'dev',
  description: '',
  access: 'granted',
  servers: ['everything', 'docs'],
  tools: rules,
  endpoint: 'http://127.0.0.1:7255/mcp/dev',
  origin: { kind: 'declared', place: 'sallyport.json:6:5' },
}
const key = {
  id: 'key_01hzy8',
  name: 'laptop',
  kind: 'key',
  scopes: ['mcp:list', 'mcp:call'],
  endpoints: ['dev'],
  tools: null,
  createdAt: AT,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
}
const activity = {
  id: 'evt_01hzy8',
  at: AT,
  kind: 'call',
  actor: { id: 'key_01hzy8', kind: 'key', name: 'laptop' },
  endpoint: 'dev',
  deployment: 'docs',
  method: 'tools/call',
  target: 'docs__search',
  era: 'modern',
  verdict: 'allow',
  rule: 'grant',
  outcome: 'ok',
  status: 200,
  bytesIn: 312,
  bytesOut: 1489,
  us: 84_210,
}
const list = (item: unknown) => ({ items: [item], nextCursor: null })
const ok = { status: 'ok', detail: 'answers' }

export const EXAMPLES: Readonly<Record<RouteId, Example>> = {
  whoami: {
    response: {
      id: 'key_01hzy8',
      kind: 'key',
      name: 'laptop',
      tenant: 'default',
      scopes: ['mcp:list', 'mcp:call'],
      endpoints: ['dev'],
      tools: null,
      expiresAt: null,
    },
  },
  getOverview: {
    response: {
      version: '0.1.0',
      publicUrl: 'http://127.0.0.1:7255',
      endpoint: 'http://127.0.0.1:7255/mcp',
      tenant: 'default',
      startedAt: AT,
      counts: { deployments: 2, ready: 2, waitingApproval: 0, profiles: 1, keys: 1 },
      health: { database: ok, spool: ok, chain: ok, snapshot: ok },
      declared: { file: '/srv/sallyport.json', error: null, warnings: [] },
    },
  },
  listSettings: {
    response: list({
      name: 'port',
      env: 'SALLYPORT_PORT',
      flag: 'port',
      origin: 'default',
      isSecret: false,
      isSet: true,
      value: 7255,
      doc: 'Port to listen on; 0 takes any free one.',
    }),
  },
  createOwnerLink: { response: { url: 'http://127.0.0.1:7255/welcome?token=…', expiresAt: AT } },
  listDeployments: { response: list(deployment) },
  createDeployment: { body: { name: 'docs', spec: remoteSpec }, response: deployment },
  parseDeployments: {
    body: { text: '{"mcpServers":{"docs":{"url":"https://mcp.example.com/mcp"}}}' },
    response: {
      proposals: [
        {
          definition: { name: 'docs', title: 'docs', spec: { kind: 'remote', url: 'https://mcp.example.com/mcp', headers: {} } },
          inputs: [],
          warnings: [],
        },
      ],
    },
  },
  getDeployment: { params: name, response: deployment },
  updateDeployment: { params: name, body: { access: 'tenant' }, response: { ...deployment, access: 'tenant' } },
  deleteDeployment: { params: name },
  approveDeployment: { params: name, body: { digest: DIGEST }, response: deployment },
  grantDeployment: {
    params: name,
    body: { egress: ['api.github.com:443'], files: [{ path: '/srv/notes', mode: 'ro' }], revoke: false },
    response: { ...deployment, isApproved: false },
  },
  restartDeployment: { params: name, response: deployment },
  listDeploymentLogs: { params: name, response: list({ at: AT, text: 'listening' }) },
  listDeploymentTools: {
    params: name,
    response: list({ name: 'search', description: 'Searches the documentation', inputSchema: { type: 'object' } }),
  },
  listProfiles: { response: list(profile) },
  createProfile: { body: { name: 'dev', servers: ['everything', 'docs'], tools: { exclude: ['everything__get-env'] } }, response: profile },
  getProfile: { params: { name: 'dev' }, response: profile },
  updateProfile: { params: { name: 'dev' }, body: { servers: ['docs'] }, response: { ...profile, servers: ['docs'] } },
  deleteProfile: { params: { name: 'dev' } },
  listKeys: { response: list(key) },
  createKey: { body: { name: 'laptop', endpoints: ['dev'] }, response: { ...key, key: 'sp_…' } },
  deleteKey: { params: { id: 'key_01hzy8' } },
  listActivity: { query: { verdict: 'deny', limit: '20' }, response: list(activity) },
  streamActivity: { query: { deployment: 'docs' } },
  getActivity: {
    params: { id: 'evt_01hzy8' },
    response: { ...activity, bodySha256: DIGEST, steps: [{ name: 'forward', us: 83_700 }], sequence: 41, hash: DIGEST },
  },
  verifyAudit: { response: { isIntact: true, checked: 41, isComplete: true, head: { sequence: 41, hash: DIGEST }, findings: [] } },
  listSecrets: { response: list({ name: 'docs-token', updatedAt: AT, usedBy: ['docs'] }) },
  putSecret: { params: { name: 'docs-token' }, body: { value: '…' } },
  deleteSecret: { params: { name: 'docs-token' } },
}
