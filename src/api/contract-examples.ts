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
  installed: null,
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
const rules = { include: [], exclude: ['everything__get-env'], rename: {}, describe: {}, fix: {}, search: false }
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
const who = {
  id: 'key_01hzy8',
  kind: 'key',
  name: 'laptop',
  tenant: 'default',
  scopes: ['mcp:list', 'mcp:call'],
  endpoints: ['dev'],
  tools: null,
  expiresAt: null,
  session: null,
}
const list = (item: unknown) => ({ items: [item], nextCursor: null })
const ok = { status: 'ok', detail: 'answers' }
const totals = { calls: 412, errors: 3, denied: 1, p50Us: 8_400, p95Us: 96_000 }

export const EXAMPLES: Readonly<Record<RouteId, Example>> = {
  whoami: { response: who },
  createSession: {
    body: { key: 'sp_…' },
    response: { id: 'ses_01hzy8', proof: 'spp_…', expiresAt: AT, whoami: { ...who, session: { expiresAt: AT } }, ownerKey: null },
  },
  deleteSession: {},
  getOverview: {
    response: {
      version: '0.1.0',
      publicUrl: 'http://127.0.0.1:7255',
      endpoint: 'http://127.0.0.1:7255/mcp',
      tenant: 'default',
      startedAt: AT,
      counts: { deployments: 2, ready: 2, waitingApproval: 0, profiles: 1, keys: 1 },
      health: { database: ok, spool: ok, chain: ok, snapshot: ok, shared: ok },
      declared: { file: '/srv/sallyport.json', error: null, warnings: [] },
    },
  },
  getInsights: {
    query: { since: '2026-11-21T09:00:00Z', until: '2026-11-21T10:00:00Z', deployment: 'docs' },
    response: {
      since: '2026-11-21T09:00:00.000Z',
      until: AT,
      stepMs: 60_000,
      series: [{ at: '2026-11-21T09:00:00.000Z', ...totals }],
      totals,
      previous: { calls: 0, errors: 0, denied: 0, p50Us: null, p95Us: null },
      tools: [{ deployment: 'docs', tool: 'search', ...totals }],
      deployments: [{ deployment: 'docs', ...totals }],
    },
  },
  listAttention: {
    response: {
      items: [
        {
          id: 'denied:git:api.github.com:443',
          severity: 'warning',
          kind: 'denied',
          title: 'git was refused api.github.com:443',
          detail: 'It asked for this destination, which was not granted to it.',
          remedy: 'sallyport deployment grant git --egress api.github.com:443',
          deployment: 'git',
          keyId: null,
          since: null,
        },
      ],
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
  deleteDeployment: { params: name, response: { keys: [{ id: 'key_01hzy8', name: 'laptop', isRevoked: false }] } },
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
  deleteProfile: { params: { name: 'dev' }, response: { keys: [] } },
  listKeys: { response: list(key) },
  createKey: { body: { name: 'laptop', endpoints: ['dev'] }, response: { ...key, key: 'sp_…' } },
  deleteKey: { params: { id: 'key_01hzy8' } },
  listActivity: { query: { verdict: 'deny', limit: '20' }, response: list(activity) },
  streamActivity: { query: { deployment: 'docs' } },
  getActivity: {
    params: { id: 'evt_01hzy8' },
    response: { ...activity, bodySha256: DIGEST, steps: [{ name: 'forward', us: 83_700 }], sequence: 41, hash: DIGEST },
  },
  getActivityBodies: {
    params: { id: 'evt_01hzy8' },
    response: {
      recording: 'redacted',
      arguments: { text: '{"query":"sandbox","api_key":"[redacted: secret]"}', isCut: false },
      result: { text: '{"content":[{"type":"text","text":"Found 3 pages"}]}', isCut: false },
      redactions: 1,
      keptUntil: '2026-11-28T10:00:00.000Z',
    },
  },
  verifyAudit: { response: { isIntact: true, checked: 41, isComplete: true, head: { sequence: 41, hash: DIGEST }, findings: [] } },
  listSecrets: { response: list({ name: 'docs-token', updatedAt: AT, usedBy: ['docs'] }) },
  putSecret: { params: { name: 'docs-token' }, body: { value: '…' } },
  deleteSecret: { params: { name: 'docs-token' } },
}
