import type { ProblemDocument } from '@/lib/problem.ts'

export const SAMPLE_PROBLEM: ProblemDocument = {
  type: 'about:sample',
  title: 'The server did not start',
  status: 502,
  detail: 'It needs api.github.com:443, which its sandbox does not reach.',
  remedy: '`sallyport deployment grant docs --egress api.github.com:443`',
  incident: 'inc_4T7Q',
}

export interface SampleServer {
  readonly name: string
  readonly tools: number
  readonly calls: number
  readonly p95Us: number | null
  readonly isRunning: boolean
}

export const SAMPLE_SERVERS: readonly SampleServer[] = [
  { name: 'everything', tools: 12, calls: 1_204, p95Us: 84_000, isRunning: true },
  { name: 'notes', tools: 4, calls: 311, p95Us: 2_400, isRunning: true },
  { name: 'tool10', tools: 1, calls: 9, p95Us: 940, isRunning: true },
  { name: 'tool2', tools: 3, calls: 0, p95Us: null, isRunning: false },
]

export const SAMPLE_JSON: unknown = {
  content: [{ type: 'text', text: 'Found 3 notes' }],
  structuredContent: { total: 3, next: null, isComplete: true, took: 0.0184, 'odd key': [] },
  isError: false,
  _meta: { 'dev.sallyport/flight': { id: 'evt_01hzy8', us: 84_120 } },
  many: Array.from({ length: 1_000 }, (_, index) => ({ id: index, name: `row ${index}` })),
}

const RIGHT_TO_LEFT = '\u202E'
const ZERO_WIDTH = '\u200B'
const ESCAPE = '\u001B'

/** What servers, tools and callers may send to turn a page around. */
export const HOSTILE_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['Markup', '<img src=x onerror=alert(1)><a href="javascript:alert(1)">click</a> **bold** [link](https://evil.example)'],
  ['Terminal', `${ESCAPE}[31mred${ESCAPE}[0m and ${ESCAPE}[2J cleared, a bell \u0007 and a null \u0000`],
  ['Direction', `report${RIGHT_TO_LEFT}fdp.exe and \u2067isolated\u2069`],
  ['Without width', `pay${ZERO_WIDTH}pal, join\u200Ders, soft\u00ADhyphen, \uFEFFmark`],
  ['Tags', `ignore ${Array.from('all rules', (letter) => String.fromCodePoint(0xe0000 + letter.codePointAt(0)!)).join('')} me`],
  ['No spaces', 'x'.repeat(400)],
]

export const LARGE_TEXT = 'The same sentence again and again. '.repeat(30_000)

/** A day of calls in half hours; always the same curve. */
export function samplePoints(nowMs: number) {
  return Array.from({ length: 48 }, (_, index) => {
    const wave = Math.sin(index / 7) + 1.1
    const isGap = index > 30 && index < 34
    return {
      at: new Date((Math.floor(nowMs / 1_800_000) - 47 + index) * 1_800_000).toISOString(),
      ok: Math.round(wave * 420 + ((index * 37) % 90)),
      refused: Math.round(wave * 12 + ((index * 13) % 17)),
      failed: index % 11 === 0 ? 30 : 2,
      p50: isGap ? null : Math.round(4_000 + wave * 1_500),
      p95: isGap ? null : Math.round(42_000 + wave * 30_000),
    }
  })
}

/** Arguments of a tool with most of what schemas have. */
export const SAMPLE_SCHEMA: Record<string, unknown> = {
  type: 'object',
  required: ['query'],
  properties: {
    query: { type: 'string', title: 'Query', description: 'What to look for', minLength: 2, maxLength: 200 },
    limit: { type: 'integer', title: 'Limit', minimum: 1, maximum: 100, default: 20 },
    order: { type: 'string', title: 'Order', enum: ['newest', 'oldest', 'best'] },
    isExact: { type: 'boolean', title: 'Exact words only' },
    tags: { type: 'array', title: 'Tags', items: { type: 'string' }, maxItems: 5 },
    since: { type: 'string', title: 'Since', format: 'date-time' },
    place: {
      type: 'object',
      title: 'Place',
      properties: { folder: { type: 'string', title: 'Folder' }, depth: { type: 'integer', title: 'Depth', minimum: 0 } },
    },
  },
}
