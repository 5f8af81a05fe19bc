import { describe, expect, it } from 'vitest'
import { OWNER_KEY, run, startServer, type Pages } from './testing.ts'

const ESC = '\u001B'
const echo = {
  name: 'echo',
  description: 'Says it again\nand more',
  inputSchema: {
    type: 'object',
    properties: { message: { type: 'string' }, times: { type: 'integer', 'x-mcp-header': 'Times' } },
    required: ['message'],
  },
  annotations: { readOnlyHint: true },
}
const hostile = { name: `evil${ESC}[2J`, description: `${ESC}]0;owned\u0007 \u202Ereversed` }
const flight = {
  id: 'evt_1',
  caller: 'laptop',
  rule: 'grant',
  deployment: 'everything',
  us: 84_210,
  steps: [
    { name: 'identify', us: 20 },
    { name: 'forward', us: 84_000, note: `to ${ESC}[31mx` },
  ],
}

interface Rpc {
  readonly id: number
  readonly method: string
  readonly params: {
    readonly name?: string
    readonly arguments?: unknown
    readonly cursor?: string
    readonly _meta: Record<string, unknown>
  }
}

/** An endpoint that federates, as a client of the modern revision sees it. */
function federated(result: unknown, seen: { headers: unknown; rpc: Rpc }[] = []): Pages {
  return {
    'POST /mcp': (request, body) => {
      const rpc = body as Rpc
      seen.push({ headers: request.headers, rpc })
      const first = { tools: [{ ...echo, name: 'everything__echo' }], nextCursor: 'next', resultType: 'complete' }
      const second = { tools: [hostile], resultType: 'complete' }
      const answered = rpc.method === 'tools/list' ? (rpc.params.cursor === undefined ? first : second) : result
      const message = JSON.stringify({ jsonrpc: '2.0', id: rpc.id, result: answered })
      if (rpc.method === 'tools/list') return { body: message }
      return {
        headers: { 'content-type': 'text/event-stream', 'sallyport-flight': 'evt_9' },
        body: `: hi\n\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\nevent: message\ndata: ${message}\n\n`,
      }
    },
  }
}

const named = (result: unknown): Pages => ({
  'GET /mcp/everything': () => ({ body: { name: 'everything', tools: [echo] } }),
  'POST /mcp/everything/invoke': (_request, body) => ({ body: { result: { ...(result as object), echoed: body }, flight } }),
})

describe('tool list', () => {
  it('lists everything the caller may use, all pages, with hostile names and descriptions made inert', async () => {
    await using server = await startServer({}, federated({}))
    const { exit, stdout } = await run(['tool', 'list'], { server })
    expect(exit).toBe(0)
    expect(stdout).toBe(
      'TOOL            HINTS  DESCRIPTION\neverything__echo  reads  Says it again\nevil␛[2J                 ␛]0;owned␇ ⟨U+202E⟩reversed\n'.replace(
        'TOOL            ',
        'TOOL              ',
      ),
    )
  })

  it('prints the API’s shape with --json, still harmless to a terminal', async () => {
    await using server = await startServer({}, federated({}))
    const { stdout } = await run(['tool', 'list', '--json'], { server })
    expect(JSON.parse(stdout)).toEqual({ tools: [{ ...echo, name: 'everything__echo' }, hostile] })
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  it('of one deployment prints its JSON view', async () => {
    await using server = await startServer({}, named({}))
    expect(JSON.parse((await run(['tool', 'list', '--deployment', 'everything', '--json'], { server })).stdout)).toEqual({
      name: 'everything',
      tools: [echo],
    })
  })
})

describe('a server that is down', () => {
  const down = { server: 'everything', state: 'unavailable', cause: `It died${ESC}[2J.`, remedy: 'sallyport deployment logs everything' }
  const clock = { ...echo, name: 'clock__echo' }
  const without: Pages = {
    'POST /mcp': (_request, body) => {
      const { id, method } = body as Rpc
      const problem = { title: 'The MCP server is not running', detail: 'It died.', remedy: down.remedy }
      const listed = { tools: [clock], resultType: 'complete', _meta: { 'dev.sallyport/servers': [down] } }
      return {
        body: {
          jsonrpc: '2.0',
          id,
          ...(method === 'tools/list' ? { result: listed } : { error: { code: 5030, message: 'x', data: { problem } } }),
        },
      }
    },
    'GET /mcp/dev': () => ({ body: { name: 'dev', tools: [clock], unavailable: [down] } }),
  }

  it.each([[[]], [['--profile', 'dev']]])('is named with cause and remedy beside the tools of the others %j', async (flags) => {
    await using server = await startServer({}, without)
    const { exit, stdout, stderr } = await run(['tool', 'list', ...flags], { server })
    expect(exit).toBe(0)
    expect(stdout).toContain('clock__echo')
    expect(stderr).toContain('! The tools of everything are missing: It died␛[2J.\n→ sallyport deployment logs everything\n')
  })

  it('is asked all the same when one of its tools is called, and answers why not', async () => {
    await using server = await startServer({}, without)
    const { exit, stderr } = await run(['tool', 'call', 'everything__echo', 'message=x'], { server })
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: '✘ The MCP server is not running\n  It died.\n→ sallyport deployment logs everything\n',
    })
    expect((server.calls.at(-1)!.body as Rpc).params).toMatchObject({ name: 'everything__echo', arguments: { message: 'x' } })
    expect((await run(['tool', 'call', 'other__thing'], { server })).stderr).toContain('There is no tool `other__thing` here')
  })
})

describe('tool call', () => {
  it('shows the result as data, and who, which rule and where the time went as talk', async () => {
    await using server = await startServer({}, named({ content: [{ type: 'text', text: `hello ${ESC}[31mred\nsecond` }] }))
    const { exit, stdout, stderr } = await run(['tool', 'call', 'echo', 'message=hello', 'times=2', '--deployment', 'everything'], {
      server,
    })
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'hello ␛[31mred\nsecond\n' })
    expect(stderr).toMatchInlineSnapshot(`
      "✔ echo · caller laptop · rule grant · 84.2 ms
        identify  ▏                         0.02 ms
        forward   ████████████████████████  84.0 ms  to ␛[31mx
      → sallyport activity show evt_1
      "
    `)
    expect(server.calls.at(-1)).toEqual({
      route: 'POST /mcp/everything/invoke',
      body: { tool: 'echo', arguments: { message: 'hello', times: 2 } },
      authorization: `Bearer ${OWNER_KEY}`,
    })
  })

  it('speaks the modern revision to the federated endpoint, with the headers it asks for', async () => {
    const seen: { headers: unknown; rpc: Rpc }[] = []
    await using server = await startServer({}, federated({ resultType: 'complete', content: [{ type: 'text', text: 'ok' }] }, seen))
    const { exit, stdout, stderr } = await run(['tool', 'call', 'everything__echo', 'message=x', 'times=3'], { server })
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'ok\n' })
    expect(stderr).toContain('sallyport activity show evt_9')
    expect(seen.at(-1)).toMatchObject({
      headers: {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'everything__echo',
        'mcp-param-times': '3',
        accept: 'application/json, text/event-stream',
      },
      rpc: {
        method: 'tools/call',
        params: {
          name: 'everything__echo',
          arguments: { message: 'x', times: 3 },
          _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} },
        },
      },
    })
  })

  it('ends with 1 when the tool says that it failed', async () => {
    await using server = await startServer({}, named({ isError: true, content: [{ type: 'text', text: 'no such file' }] }))
    const { exit, stdout, stderr } = await run(['tool', 'call', 'echo', 'message=x', '--deployment', 'everything'], { server })
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: 'no such file\n' })
    expect(stderr).toContain('✘ echo says that it failed')
  })

  it('survives a server that lists and annotates nonsense', async () => {
    const nonsense = [
      7,
      { name: 9 },
      {
        ...echo,
        name: 'a__echo',
        description: 1,
        annotations: [],
        inputSchema: { properties: { message: { type: 'string', 'x-mcp-header': 'a\r\nX-Evil: 1' } } },
      },
      { name: 'b', inputSchema: true },
    ]
    const seen: unknown[] = []
    await using server = await startServer(
      {},
      {
        'POST /mcp': (request, body) => {
          seen.push(request.headers)
          const rpc = body as Rpc
          return { body: { jsonrpc: '2.0', id: rpc.id, result: rpc.method === 'tools/list' ? { tools: nonsense } : { content: [] } } }
        },
      },
    )
    expect((await run(['tool', 'list'], { server })).stdout.split('\n')).toHaveLength(4)
    expect((await run(['tool', 'call', 'a__echo', 'message=x'], { server })).exit).toBe(0)
    expect(JSON.stringify(seen.at(-1))).not.toContain('vil')
  })

  it('ends with 3 when the endpoint does not answer like MCP', async () => {
    await using server = await startServer({}, { 'POST /mcp': () => ({ body: { jsonrpc: '2.0', id: 1, result: { tools: 'none' } } }) })
    expect((await run(['tool', 'list'], { server })).exit).toBe(3)
  })

  it('describes what is no text and prints structured content when nothing else is said', async () => {
    const content = [
      { type: 'image', data: Buffer.from('12345').toString('base64'), mimeType: `image/png${ESC}` },
      { type: 'resource_link', name: 'n', uri: 'file:///x' },
      { type: 'resource', resource: { uri: 'mem://a', text: 'inside' } },
      { type: `new${ESC}` },
    ]
    await using server = await startServer({}, named({ content, structuredContent: { a: `${ESC}\u202E` } }))
    const { stdout } = await run(['tool', 'call', 'echo', 'message=x', '--deployment', 'everything'], { server })
    expect(stdout).toBe('[image image/png␛, 5 B]\n[link n file:///x]\n[resource mem://a]\ninside\n[new␛]\n{\n  "a": "\\u001b\\u202e"\n}\n')
  })

  it('takes arguments as JSON, from standard input too', async () => {
    await using server = await startServer({}, named({ content: [] }))
    await run(['tool', 'call', 'echo', '--json-args', '{"message":"a","times":1.5}', '--deployment', 'everything'], { server })
    expect(server.calls.at(-1)!.body).toEqual({ tool: 'echo', arguments: { message: 'a', times: 1.5 } })
    await run(['tool', 'call', 'echo', '--json-args', '-', '--deployment', 'everything'], { server, stdin: '{"message":"b"}' })
    expect(server.calls.at(-1)!.body).toEqual({ tool: 'echo', arguments: { message: 'b' } })
    expect((await run(['tool', 'call', 'echo', '--json-args', '[1]', '--deployment', 'everything'], { server })).exit).toBe(2)
  })

  it.each([
    ['ecko', 'Did you mean `everything__echo`?'],
    ['echo', 'Did you mean `everything__echo`?'],
  ])('of `%s` names the tool that was meant', async (name, said) => {
    await using server = await startServer({}, federated({}))
    const { exit, stderr } = await run(['tool', 'call', name, 'message=x'], { server })
    expect(exit).toBe(1)
    expect(stderr).toContain(said)
    expect(server.calls.map(({ body }) => (body as Rpc).method)).toEqual(['tools/list', 'tools/list'])
  })

  it('ends with 2 for arguments that do not fit, before anything is called', async () => {
    await using server = await startServer({}, named({}))
    const { exit } = await run(['tool', 'call', 'echo', 'message=x', 'times=many', '--deployment', 'everything'], { server })
    expect(exit).toBe(2)
    expect(server.calls.map(({ route }) => route)).toEqual(['GET /mcp/everything'])
  })

  it('shows a JSON-RPC error with its problem', async () => {
    const trouble = { title: 'The MCP server is not running', detail: 'It died.', remedy: 'sallyport deployment logs everything' }
    await using server = await startServer(
      {},
      {
        'POST /mcp': (_request, body) => ({
          body: { jsonrpc: '2.0', id: (body as Rpc).id, error: { code: 5030, message: 'x', data: { problem: trouble } } },
        }),
      },
    )
    const { exit, stderr } = await run(['tool', 'call', 'a__b'], { server })
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: '✘ The MCP server is not running\n  It died.\n→ sallyport deployment logs everything\n',
    })
  })

  it('refuses both --profile and --deployment', async () =>
    expect((await run(['tool', 'list', '--profile', 'a', '--deployment', 'b'])).exit).toBe(2))
})
