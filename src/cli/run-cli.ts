import { SettingError, unknownVariables, type LoadedSettings } from '#config.ts'
import { Problem } from '#std/index.ts'
import type { ApiClient } from './api-client.ts'
import type { ChosenServer } from './choose-server.ts'
import type { Cli } from './cli.ts'
import { globalFlags, nounsOf, verbsOf, type Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { createDialogue, Interrupted } from './dialogue.ts'
import { EXIT, Failure, usageFailure } from './failure.ts'
import { commandHelp, nounHelp, programHelp } from './help.ts'
import { parseArguments, suggestion, type Parsed } from './parse-arguments.ts'
import type { Program } from './program.ts'
import { createTerminal, showFailure, type Terminal } from './terminal.ts'

const INTERRUPTED = 130

/** Runs one command line (without the program's name) and resolves to the exit code: 0 ok, 1 refused, 2 usage, 3 unreachable. */
export async function runCli(argv: readonly string[], program: Program): Promise<number> {
  const terminal = createTerminal(program, { isQuiet: hasFlag(argv, '--quiet', 'q'), mayAsk: !hasFlag(argv, '--no-input') })
  // A reader that closed the pipe, such as `head`, has what it wanted.
  program.stdout.once('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.refused))
  try {
    const chosen = choose(argv)
    if ('help' in chosen) {
      terminal.out(chosen.help(terminal))
      return EXIT.ok
    }
    const { name, row, words } = chosen
    const parsed = parseArguments(name, row, globalFlags(row), words)
    const run = await row.load()
    return (await run(parsed, createCli(program, terminal, parsed))) ?? EXIT.ok
  } catch (error) {
    return explain(error, terminal)
  }
}

/** A flag before `--`; needed before the command is known, because a mistake is told in the wanted way too. */
function hasFlag(argv: readonly string[], name: string, letter?: string): boolean {
  const end = argv.indexOf('--')
  const isLetter = (word: string): boolean => letter !== undefined && /^-[a-z]+$/.test(word) && word.includes(letter)
  return argv.slice(0, end < 0 ? argv.length : end).some((word) => word === name || isLetter(word))
}

type Chosen =
  | { readonly name: string; readonly row: Command; readonly words: readonly string[] }
  | { readonly help: (terminal: Terminal) => string }

function choose(argv: readonly string[]): Chosen {
  const words = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  const [first = '', second = ''] = words
  const wantsHelp = hasFlag(words, '--help', 'h')
  if (first === '--version' || first === '-v') return { name: 'version', row: COMMANDS['version']!, words: words.slice(1) }
  if (first === '--help' || first === '-h') return { help: programHelp }
  if (first === '--url' || first.startsWith('--url=')) {
    if (second === '' && !first.includes('='))
      throw usageFailure('--url needs a value', 'The address of a server, such as http://127.0.0.1:7255.')
    throw usageFailure('Which command is for that server?', 'Flags stand behind the command.', 'sallyport tool list --url URL')
  }
  if (first === '' || first.startsWith('-')) return { name: 'serve', row: COMMANDS['serve']!, words }
  for (const [name, length] of [
    [`${first} ${second}`, 2],
    [first, 1],
  ] as const) {
    const row = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (row !== undefined)
      return wantsHelp ? { help: (terminal) => commandHelp(terminal, name, row) } : { name, row, words: words.slice(length) }
  }
  if (!nounsOf(COMMANDS).includes(first))
    throw unknownWord(first, [...new Set(Object.keys(COMMANDS).map((name) => name.split(' ')[0]!))], '')
  if (wantsHelp) return { help: (terminal) => nounHelp(terminal, first) }
  const verbs = verbsOf(COMMANDS, first)
  if (second === '' || second.startsWith('-'))
    throw usageFailure(`\`${first}\` needs a verb`, `One of: ${verbs.join(', ')}.`, `sallyport ${first} --help`)
  throw unknownWord(second, verbs, `${first} `)
}

function unknownWord(word: string, known: readonly string[], before: string): Failure {
  const meant = suggestion(word, known)
  return usageFailure(
    `\`${before}${word}\` is not a command`,
    meant === undefined ? undefined : `Did you mean \`sallyport ${before}${meant}\`?`,
    `sallyport ${before === '' ? '' : before}--help`,
  )
}

function createCli(program: Program, terminal: Terminal, { flags, given }: Parsed): Cli {
  let settings: Promise<LoadedSettings> | undefined
  let server: Promise<ChosenServer> | undefined
  let api: Promise<ApiClient> | undefined
  const cli: Cli = {
    program,
    terminal,
    given,
    commands: COMMANDS,
    dialogue: createDialogue(program, terminal, { isYes: flags['yes'] === true }),
    settings: () => (settings ??= clientSettings(program, terminal, given)),
    server: () =>
      (server ??= Promise.all([cli.settings(), import('./choose-server.ts')]).then(([loaded, { chooseServer }]) =>
        chooseServer(program, flags['url'] as string | undefined, {
          ...loaded.settings,
          isNamed: loaded.origins.dataDir === 'flag' || loaded.origins.dataDir === 'environment',
        }),
      )),
    api: () =>
      (api ??= Promise.all([cli.server(), import('./api-client.ts')]).then(([found, { createApiClient }]) =>
        connect(found, createApiClient, terminal),
      )),
  }
  return cli
}

/** Only `serve` refuses a name that it does not know; whoever asks what the settings are is told. */
async function clientSettings(program: Program, terminal: Terminal, given: Cli['given']): Promise<LoadedSettings> {
  const loaded = await program.settings(given)
  for (const [name, message] of unknownVariables(program.env))
    terminal.insist(`${terminal.tint('yellow', '!')} ${message} \`serve\` refuses it: unset ${name}`)
  return loaded
}

async function connect(server: ChosenServer, create: (server: ChosenServer) => ApiClient, terminal: Terminal): Promise<ApiClient> {
  const { isLoopback } = await import('./http-client.ts')
  const url = new URL(server.url)
  if (url.protocol === 'http:' && server.key !== undefined && !isLoopback(url.hostname)) {
    terminal.insist(`${terminal.tint('yellow', '!')} ${url.origin} is not encrypted: everybody on the way can read your key`)
  }
  return create(server)
}

/** Says what went wrong. What is none of the expected kinds is a defect of ours and shown with its place. */
function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof Interrupted) return INTERRUPTED
  if (error instanceof Failure) {
    showFailure(terminal, error)
    return error.exit
  }
  if (error instanceof Problem) {
    showFailure(terminal, { message: error.title, why: error.message, remedy: error.remedy })
    return EXIT.refused
  }
  if (error instanceof SettingError) {
    showFailure(terminal, { message: 'A setting does not fit', why: error.message, remedy: error.remedy })
    return EXIT.usage
  }
  // By name, because the declared file is read by a folder that the command line must not know.
  if (error instanceof Error && error.name === 'DeclaredError') {
    showFailure(terminal, {
      message: 'The declared file does not fit',
      why: error.message,
      remedy: 'mend the file, then run this command again',
    })
    return EXIT.usage
  }
  const { code, syscall, path } = error as NodeJS.ErrnoException
  if (code !== undefined && syscall !== undefined && path !== undefined) {
    showFailure(terminal, { message: `${path} cannot be used`, why: `${syscall}: ${code}` })
    return EXIT.refused
  }
  showFailure(terminal, { message: 'A defect in sallyport', why: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  return EXIT.refused
}
