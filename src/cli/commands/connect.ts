import { LIMITS } from '#std/index.ts'
import type { Run } from '../command.ts'
import { EXIT, refusal } from '../failure.ts'
import { StdioBridge } from '../stdio-bridge.ts'
import { readLines } from '../stdio-lines.ts'

interface Flags {
  readonly 'key-env': string | undefined
}

/** Ends with standard input, which is how a client ends its servers (MCP, stdio shutdown), or when the server cannot be used at all. */
export const connect: Run<Flags> = async ({ args, flags }, cli) => {
  const { program, terminal } = cli
  const { server } = await cli.api()
  const [profile] = args
  const url = new URL(`${server.url}/mcp${profile === undefined ? '' : `/${encodeURIComponent(profile)}`}`)
  const bridge = new StdioBridge({
    url,
    key: keyOf(flags, program.env) ?? server.key,
    write: (line) => writeLine(program.stdout, line),
    say: (text) => terminal.insist(`${terminal.tint('yellow', '!')} ${text}`),
  })
  const reading = (async (): Promise<void> => {
    for await (const line of readLines(program.stdin, LIMITS.lineBytesMax)) await bridge.take(line)
  })()
  try {
    await Promise.race([reading, bridge.failed])
  } finally {
    await bridge.close()
  }
  return EXIT.ok
}

function keyOf(flags: Flags, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = flags['key-env']
  if (name === undefined) return undefined
  const key = env[name] ?? ''
  if (key === '') throw refusal(`The environment variable ${name} is empty or not set`, 'It is named by --key-env.')
  return key
}

function writeLine(stdout: NodeJS.WritableStream, line: string): Promise<void> {
  return new Promise((resolve) => {
    if (stdout.write(`${line}\n`)) resolve()
    else stdout.once('drain', resolve)
  })
}
