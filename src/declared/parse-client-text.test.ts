import { describe, expect, it } from 'vitest'
import { Problem } from '#std/index.ts'
import { parseClientText } from './index.ts'

const specOf = (text: string) => parseClientText(text).map(({ definition }) => ({ name: definition.name, ...definition.spec }))

describe('pasted text', () => {
  it.each([
    ['https://mcp.example.com/mcp', 'example'],
    ['http://docs.internal.example.org:8080/mcp', 'example'],
    ['https://localhost/mcp', 'localhost'],
    ['http://127.0.0.1:3000/mcp', 'remote'],
  ])('%s is a remote server', (url, name) => {
    expect(specOf(`  ${url}\n`)).toEqual([{ name, kind: 'remote', url, headers: {} }])
  })

  it.each([
    ['npx -y @modelcontextprotocol/server-everything', 'everything', 'npx', ['-y', '@modelcontextprotocol/server-everything']],
    ['npx @acme/mcp-server-git@1.2.3 --repo "my repo"', 'git', 'npx', ['@acme/mcp-server-git@1.2.3', '--repo', 'my repo']],
    ['uvx mcp-server-fetch', 'fetch', 'uvx', ['mcp-server-fetch']],
    ['docker run -i --rm mcp/time', 'time', 'docker', ['run', '-i', '--rm', 'mcp/time']],
    ["/opt/tools/weather-mcp 'it''s'  a\\ b", 'weather', '/opt/tools/weather-mcp', ['its', 'a b']],
    ['node ./dist/index.js $HOME', 'index', 'node', ['./dist/index.js', '$HOME']],
  ])('%s is a process', (text, name, command, args) => {
    expect(specOf(text)).toMatchObject([{ name, kind: 'process', command, args, env: {}, isolation: 'medium' }])
  })

  it('takes variables in front of a command', () => {
    expect(specOf('A=1 B="two words" uvx tool')).toMatchObject([{ command: 'uvx', args: ['tool'], env: { A: '1', B: 'two words' } }])
  })

  it.each(['a | b', 'a; b', 'a && b', 'a > file', 'a `b`', 'a $(b)', 'a "$(b)"', "a 'b", 'A=1', '', '   '])(
    'R8: refuses %j, which is no one program',
    (text) => {
      expect(() => parseClientText(text)).toThrow(Problem)
    },
  )

  it('takes the JSON of clients, whole, as bare entries, as one entry and as a fragment', () => {
    const entry = { command: 'uvx', args: ['mcp-server-git'] }
    const expected = { kind: 'process', command: 'uvx', args: ['mcp-server-git'] }
    const forms: [unknown, string][] = [
      [{ mcpServers: { Git: entry } }, 'git'],
      [{ servers: { Git: entry }, inputs: [] }, 'git'],
      [{ mcp: { servers: { Git: entry } } }, 'git'],
      [{ mcpServers: { Git: entry }, otherSettings: true }, 'git'],
      [{ Git: entry }, 'git'],
      [entry, 'git'],
      [{ name: 'mine', ...entry }, 'mine'],
    ]
    for (const [form, name] of forms) expect(specOf(JSON.stringify(form))).toMatchObject([{ name, ...expected }])
    expect(specOf(`"Git": ${JSON.stringify(entry)},`)).toMatchObject([{ name: 'git', ...expected }])
    expect(specOf(`// mine\n${JSON.stringify({ a: entry, b: entry })}`)).toHaveLength(2)
  })

  it('turns references into questions: the environment meant is not that of the server', () => {
    const [proposal] = parseClientText(
      JSON.stringify({
        inputs: [{ type: 'promptString', id: 'pat', description: 'A token', password: true }],
        servers: {
          a: { command: 'x', args: ['${env:REGION}', '${workspaceFolder}/b'], env: { A: '${input:pat}', B: 'env:B_KEY', C: 'plain' } },
        },
      }),
    )
    expect(proposal).toMatchObject({
      definition: {
        spec: { args: ['${input:REGION}', '${input:workspaceFolder}/b'], env: { A: '${input:pat}', B: '${input:B_KEY}', C: 'plain' } },
      },
      inputs: [
        { id: 'REGION', isSecret: false },
        { id: 'workspaceFolder', isSecret: false },
        { id: 'pat', description: 'A token', isSecret: true },
        { id: 'B_KEY', isSecret: true },
      ],
    })
  })

  it('warns where a definition cannot be all that the text said', () => {
    const [proposal] = parseClientText('{"mcpServers":{"a__b":{"type":"sse","url":"https://a.example","disabled":true}}}')
    expect(proposal!.definition.name).toBe('server')
    expect(proposal!.warnings).toHaveLength(2)
  })

  it.each([
    ['{"mcpServers":{"a":{"commnd":"x"}}}', 'text:1:21: "commnd" is not known here. Did you mean "command"?'],
    ['{\n"a": {"command": "x", "args": "y"}\n}', 'text:2:31: expected a list, found a text'],
    ['{"command":"x","args":[1]}', 'text:1:24: expected a text, found a number'],
    ['"a": {"command":"x","args":[1]}', 'text:1:29: expected a text, found a number'],
    ['{"mcp":{"servers":{"a":{"args":1}}}}', 'text:1:32: expected a list, found a number'],
    ['{"mcpServers":', 'text:1:15: expected a value'],
    ['ftp://x/y', 'The address begins with ftp://'],
    ['{"mcpServers":{}}', 'The JSON holds no server.'],
    ['{"hello":"world"}', 'The JSON is no configuration of a client.'],
    ['{"mcpServers":{"a":{"args":[]}}}', '"a" has neither "command" nor "url".'],
  ])('refuses %s with its place', (text, message) => {
    expect(() => parseClientText(text)).toThrow(message)
  })
})
