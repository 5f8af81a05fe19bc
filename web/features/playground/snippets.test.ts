import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { asciiJson, asCli, asCurl, asTypeScript, shellWord } from './snippets.ts'

const ORIGIN = 'http://127.0.0.1:7255'
const NASTY = {
  quote: `it's "fine" \\ $HOME \`id\` !x`,
  lines: 'a\nb\t',
  hidden: '\u202Eevil\u0000',
  emoji: '🦊',
  "key with '": [1, null, true],
}

/** What a shell hands to the command: each argument on its own, as JSON. */
function wordsOf(command: string, name: string): readonly string[] {
  const show = `${name}() { for each in "$@"; do printf '%s\\0' "$each"; done; }`
  return execFileSync('sh', ['-c', `${show}\n${command}`], { encoding: 'utf8', env: { SALLYPORT_KEY: 'sp_secret', HOME: '/wrong' } })
    .split('\0')
    .slice(0, -1)
}

describe('shellWord', () => {
  it.each(['plain', 'a b', "it's", '', '$(id)', '`id`', '\\', '!', 'a\nb', '-x', '~', '*'])('keeps %j one word and the same', (text) =>
    expect(wordsOf(`show ${shellWord(text)}`, 'show')).toEqual([text]),
  )
})

describe('asciiJson', () => {
  it('is plain ASCII and the same value', () => {
    expect(asciiJson(NASTY)).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(asciiJson(NASTY, 2))).toEqual(NASTY)
  })
})

describe('asCurl', () => {
  it('sends exactly the call, and the key from the environment', () => {
    const words = wordsOf(asCurl({ endpoint: 'starter', tool: { name: 'clock__time' }, args: NASTY }, ORIGIN), 'curl')
    expect(words[0]).toBe('http://127.0.0.1:7255/mcp/starter')
    expect(words).toContain('authorization: Bearer sp_secret')
    expect(words).toContain('mcp-method: tools/call')
    expect(words).toContain('mcp-name: clock__time')
    expect(words).toContain('mcp-protocol-version: 2026-07-28')
    const body = JSON.parse(words.at(-1)!) as { params: Record<string, unknown> }
    expect(body).toMatchObject({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'clock__time', arguments: NASTY } })
    expect(body.params['_meta']).toMatchObject({ 'io.modelcontextprotocol/protocolVersion': '2026-07-28' })
  })

  it('writes no key into the text, encodes odd names, and repeats marked arguments as headers', () => {
    const tool = { name: "ünïcode'tool", inputSchema: { properties: { region: { 'x-mcp-header': 'Region' } } } }
    const command = asCurl({ endpoint: null, tool, args: { region: 'eu west' } }, ORIGIN)
    expect(command).toContain('Bearer $SALLYPORT_KEY')
    const words = wordsOf(command, 'curl')
    expect(words[0]).toBe('http://127.0.0.1:7255/mcp')
    expect(words.find((word) => word.startsWith('mcp-name: '))).toMatch(/^mcp-name: =\?base64\?.+\?=$/)
    expect(words).toContain('mcp-param-Region: eu west')
  })
})

describe('asCli', () => {
  it('names tool, place and arguments', () => {
    const words = wordsOf(asCli({ endpoint: 'starter', tool: { name: 'clock__time' }, args: NASTY }, 'profile', ORIGIN)!, 'sallyport')
    expect(words.slice(0, 5)).toEqual(['tool', 'call', 'clock__time', '--profile', 'starter'])
    expect(JSON.parse(words[6]!)).toEqual(NASTY)
    expect(words.slice(7)).toEqual(['--url', ORIGIN])
  })

  it('leaves out what is not there', () => {
    expect(asCli({ endpoint: null, tool: { name: 'clock__time' }, args: {} }, null, ORIGIN)).toBe(
      `sallyport tool call clock__time --url ${ORIGIN}`,
    )
    expect(asCli({ endpoint: 'clock', tool: { name: 'time' }, args: {} }, 'deployment', ORIGIN)).toContain('--deployment clock')
  })

  it('has no command for a name that would be read as a flag', () => {
    expect(asCli({ endpoint: null, tool: { name: '--yes' }, args: {} }, null, ORIGIN)).toBeNull()
  })
})

describe('asTypeScript', () => {
  it('is a program that calls the tool with exactly these arguments', () => {
    const args = JSON.parse(JSON.stringify({ ...NASTY, more: 'a"__proto__":b' }).replace('{', '{"__proto__":{"x":1},')) as Record<
      string,
      unknown
    >
    const code = asTypeScript({ endpoint: 'a b', tool: { name: "it's" }, args }, ORIGIN)
    expect(code).toContain('process.env.SALLYPORT_KEY')
    // The program in a process of its own, with a client in the place of the SDK's that prints what it is given.
    const client = `
      class Client { async connect() {} async close() {} async callTool(call) { console.log(JSON.stringify(call)) } }
      class StreamableHTTPClientTransport { constructor(url) { console.log(url.href) } }`
    const program = code.replace(/^import .*$/m, () => client).replace('console.log(result)', '')
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).split('\n')
    const call = JSON.parse(printed[1]!) as { name: string; arguments: unknown }
    expect(printed[0]).toBe(`${ORIGIN}/mcp/a%20b`)
    expect(call.name).toBe("it's")
    expect(JSON.stringify(call.arguments)).toBe(JSON.stringify(args))
  })
})
