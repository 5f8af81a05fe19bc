import { command, option } from './command.ts'

/** The row of `connect` in the table of commands. */
export const CONNECT = command({
  summary: 'Be the MCP server of a client that only starts programs',
  examples: ['connect dev', 'connect', 'connect dev --key-env DEV_KEY'],
  details:
    'Speaks MCP on standard input and output and passes it on to the server, with its key; says what goes wrong on standard error. ' +
    'Put it as the command of a server into the configuration of the client.',
  args: [{ name: 'PROFILE', doc: 'Name of a profile or deployment; default: everything you may use', isOptional: true }],
  flags: { 'key-env': option('VAR', 'Name of the environment variable that holds the key; default: SALLYPORT_KEY, then the stored login') },
  load: () => import('./commands/connect.ts').then((module) => module.connect),
})
