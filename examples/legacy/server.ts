// An MCP server of the handshake era (2025-11-25) over stdio, without any library: a notebook in memory. Its list of
// tools grows with the first note, which it announces.
import { createInterface } from 'node:readline'

type Json = Record<string, unknown>

interface Note {
  readonly id: number
  readonly title: string
  readonly text: string
  readonly tags: readonly string[]
}

interface Tool {
  readonly definition: Json
  /** Offered only when there is something to work on. */
  readonly needsNotes: boolean
  readonly call: (args: Json) => Json
}

const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
const NOTES_MAX = 1000
const TEXT_LENGTH_MAX = 20_000
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
const NOT_INITIALIZED = -32600

const notes: Note[] = []
let lastId = 0
let isInitialized = false

class RpcFailure extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const NOTE_SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    title: { type: 'string' },
    text: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['id', 'title', 'text', 'tags'],
}
const NOTES_SCHEMA = { type: 'object', properties: { notes: { type: 'array', items: NOTE_SCHEMA } }, required: ['notes'] }
const READ_ONLY = { readOnlyHint: true, openWorldHint: false }

const TOOLS: Readonly<Record<string, Tool>> = {
  add_note: {
    needsNotes: false,
    definition: {
      name: 'add_note',
      title: 'Add a note',
      description: 'Keeps a note until this server stops. Returns the note with its number.',
      inputSchema: {
        type: 'object',
        properties: {
          title: { type: 'string', description: 'A few words' },
          text: { type: 'string', description: 'What to remember' },
          tags: { type: 'array', items: { type: 'string' }, description: 'Words to find it by' },
        },
        required: ['title', 'text'],
      },
      outputSchema: NOTE_SCHEMA,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    call: (args) => {
      if (notes.length >= NOTES_MAX) return failure(`The notebook is full: ${NOTES_MAX} notes.`)
      const tags = Array.isArray(args['tags']) ? args['tags'].filter((tag) => typeof tag === 'string') : []
      const note = { id: ++lastId, title: textOf(args, 'title'), text: textOf(args, 'text'), tags }
      notes.push(note)
      if (notes.length === 1) announceTools()
      return success(`Note ${note.id} is kept.`, { ...note })
    },
  },
  list_notes: {
    needsNotes: false,
    definition: {
      name: 'list_notes',
      title: 'List notes',
      description: 'All notes, oldest first.',
      inputSchema: { type: 'object', properties: {} },
      outputSchema: NOTES_SCHEMA,
      annotations: READ_ONLY,
    },
    call: () => success(notes.map((note) => `${note.id}. ${note.title}`).join('\n') || 'There are no notes.', { notes }),
  },
  search_notes: {
    needsNotes: true,
    definition: {
      name: 'search_notes',
      title: 'Search notes',
      description: 'Notes whose title, text or tags contain a word, whatever its case.',
      inputSchema: { type: 'object', properties: { query: { type: 'string', description: 'The word' } }, required: ['query'] },
      outputSchema: NOTES_SCHEMA,
      annotations: READ_ONLY,
    },
    call: (args) => {
      const query = textOf(args, 'query').toLowerCase()
      const found = notes.filter((note) => [note.title, note.text, ...note.tags].some((part) => part.toLowerCase().includes(query)))
      return success(found.map((note) => `${note.id}. ${note.title}`).join('\n') || 'Nothing was found.', { notes: found })
    },
  },
  remove_note: {
    needsNotes: true,
    definition: {
      name: 'remove_note',
      title: 'Remove a note',
      description: 'Forgets one note by its number.',
      inputSchema: { type: 'object', properties: { id: { type: 'integer', description: 'The number of the note' } }, required: ['id'] },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    call: (args) => {
      const index = notes.findIndex((note) => note.id === args['id'])
      if (index < 0) return failure(`There is no note ${JSON.stringify(args['id'])}.`)
      notes.splice(index, 1)
      if (notes.length === 0) announceTools()
      return success('The note is gone.')
    },
  },
}

function textOf(args: Json, name: string): string {
  const value = args[name]
  if (typeof value !== 'string' || value === '' || value.length > TEXT_LENGTH_MAX) {
    throw new RpcFailure(INVALID_PARAMS, `${name} must be a text of 1 to ${TEXT_LENGTH_MAX} characters`)
  }
  return value
}

function success(text: string, structuredContent?: Json): Json {
  return { content: [{ type: 'text', text }], ...(structuredContent === undefined ? {} : { structuredContent }) }
}

const failure = (text: string): Json => ({ ...success(text), isError: true })

const offered = (): Tool[] => Object.values(TOOLS).filter((tool) => !tool.needsNotes || notes.length > 0)

function announceTools(): void {
  send({ method: 'notifications/tools/list_changed' })
}

const METHODS: Readonly<Record<string, (params: Json) => Json>> = {
  initialize: (params) => {
    isInitialized = true
    const requested = String(params['protocolVersion'])
    return {
      protocolVersion: VERSIONS.includes(requested) ? requested : VERSIONS[0],
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'notebook', title: 'Notebook', version: '1.0.0' },
      instructions: 'Keeps notes in memory while it runs.',
    }
  },
  ping: () => ({}),
  'tools/list': () => ({ tools: offered().map((tool) => tool.definition) }),
  'tools/call': (params) => {
    const name = String(params['name'])
    const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined
    if (tool === undefined) throw new RpcFailure(INVALID_PARAMS, `Unknown tool: ${name}`)
    return tool.call(asObject(params['arguments']))
  },
}

function answer(id: unknown, method: string, params: Json): void {
  try {
    const handler = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
    if (handler === undefined) throw new RpcFailure(METHOD_NOT_FOUND, `Method not found: ${method}`)
    if (!isInitialized && method !== 'initialize' && method !== 'ping') throw new RpcFailure(NOT_INITIALIZED, 'Not initialized')
    send({ id, result: handler(params) })
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error
    send({ id, error: { code: error.code, message: error.message } })
  }
}

function send(message: Json): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {})

createInterface({ input: process.stdin }).on('line', (line) => {
  let message: Json
  try {
    message = asObject(JSON.parse(line))
  } catch {
    console.error('A line was not JSON.')
    return
  }
  if (typeof message['method'] === 'string' && message['id'] !== undefined)
    answer(message['id'], message['method'], asObject(message['params']))
})
