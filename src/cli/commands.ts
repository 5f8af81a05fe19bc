// Every command in one table. Help, completion, "did you mean" and docs/reference/cli.md are made from it; the code of a
// command is loaded when it runs, so that help is there at once.
import { z } from 'zod'
import { SETTINGS } from '#config.ts'
import { CLIENTS } from './clients.ts'
import { CONNECT } from './connect-row.ts'
import { openApiFlags } from './openapi-flags.ts'
import { choice, command, option, options, toggle, type Argument, type CommandTable } from './command.ts'

const json = toggle('Print JSON in the shape of the API')
const dryRun = toggle('Show what would happen and change nothing')
const PAGE_MAX = 500
const limit = { error: `must be a whole number from 1 to ${PAGE_MAX}` }
const page = {
  limit: z.coerce
    .number(limit)
    .int(limit)
    .min(1, limit)
    .max(PAGE_MAX, limit)
    .default(50)
    .meta({ description: 'How many at most', value: 'N' }),
  json,
}
const deployment: Argument = { name: 'DEPLOYMENT', doc: 'Name of a deployment' }
const profile: Argument = { name: 'PROFILE', doc: 'Name of a profile' }
const client: Argument = { name: 'CLIENT', doc: 'Which client', choices: Object.keys(CLIENTS) }
const endpoint = { profile: option('PROFILE', 'Go through this profile'), deployment: option('DEPLOYMENT', 'Go to this deployment alone') }
const scope = choice(['user', 'project'], 'Configuration of the user (default) or of the project in this folder')
const ACCESS = ['granted', 'tenant', 'public'] as const
const access = choice(ACCESS, 'Who may use it')
const SOURCE_FORMS = 'env:VAR, file:PATH, vault:NAME, text:VALUE (not a secret) or - (standard input)'
const activityFilter = {
  deployment: option('DEPLOYMENT', 'Only this deployment'),
  endpoint: option('NAME', 'Only this endpoint'),
  actor: option('ID', 'Only this caller'),
  method: option('METHOD', 'Only this method, such as tools/call'),
  target: option('NAME', 'Only this tool or object'),
  verdict: choice(['allow', 'deny'], 'Only what was allowed or denied'),
  kind: choice(['call', 'admin', 'system'], 'Only calls, changes or the program’s own events'),
}
const grants = {
  egress: options('HOST:PORT', 'Destination it may reach; may repeat'),
  file: options('PATH[:ro|:rw]', 'File or folder it may read, or write with :rw; may repeat'),
}

/** Flags of `serve`: the settings that have one. */
const settingFlags = Object.fromEntries(
  Object.values(SETTINGS).flatMap((row) =>
    'flag' in row && row.flag !== 'data-dir' ? [[row.flag, option(row.flag === 'config' ? 'FILE' : 'VALUE', row.doc)] as const] : [],
  ),
)

/** What the verbs of a noun are about. */
export const NOUNS: Readonly<Record<string, string>> = {
  deployment: 'The MCP servers behind the door',
  profile: 'Sets of deployments and tools, each behind one endpoint',
  tool: 'What the servers can do',
  key: 'API keys, with which clients come in',
  activity: 'What happened, and where the time went',
  audit: 'The evidence of what happened',
  client: 'The MCP clients of this machine',
  secret: 'Values that only servers get to see',
  owner: 'Whoever may do everything',
  config: 'The settings',
}

export const COMMANDS: CommandTable = {
  serve: command({
    summary: 'Start the server',
    examples: ['serve', 'serve --port 7300', 'serve --config ./sallyport.json'],
    details: 'What `sallyport` without a command does. `sallyport config show` lists every setting.',
    flags: settingFlags,
    isLocal: true,
    load: () => import('./commands/serve.ts').then((module) => module.serve),
  }),

  'deployment add': command({
    summary: 'Add a server by address, command or pasted client configuration',
    examples: [
      'deployment add docs https://mcp.example.com/mcp',
      'deployment add everything -- npx -y @modelcontextprotocol/server-everything',
      'deployment add docs https://mcp.example.com/mcp --header Authorization=env:DOCS_TOKEN',
      'deployment add --json ./mcp.json',
      "deployment add petstore --openapi https://petstore.example.com/openapi.json --operation 'GET /pets*'",
    ],
    details: `Shows what will run and what it may reach, asks, and waits until the server is ready. Values of --header and --env come from ${SOURCE_FORMS}; without \`=\` they are asked for.`,
    args: [
      { name: 'NAME', doc: 'Name of the deployment; taken from the source when left out', isOptional: true },
      { name: 'URL', doc: 'Address of a remote MCP server', isOptional: true },
    ],
    rest: 'COMMAND [ARGUMENT...]',
    flags: {
      json: option('FILE|-', 'Read a client configuration (`mcpServers` or `servers`)'),
      header: options('NAME[=SOURCE]', 'Header for a remote server; may repeat'),
      env: options('NAME[=SOURCE]', 'Environment variable for a process; may repeat'),
      input: options('ID=SOURCE', 'Value for a placeholder ${input:ID}; may repeat'),
      ...grants,
      isolation: choice(['strong', 'medium', 'none'], 'The least isolation accepted'),
      ...openApiFlags,
      access,
      'dry-run': dryRun,
    },
    load: () => import('./commands/deployment-add.ts').then((module) => module.addDeployment),
  }),
  'deployment list': command({
    summary: 'List deployments with their state',
    examples: ['deployment list', 'deployment list --json'],
    flags: { json },
    load: () => import('./commands/deployment.ts').then((module) => module.listDeployments),
  }),
  'deployment show': command({
    summary: 'Show what a deployment runs, what it may reach and how it is',
    examples: ['deployment show docs'],
    args: [deployment],
    flags: { json },
    load: () => import('./commands/deployment.ts').then((module) => module.showDeployment),
  }),
  'deployment tools': command({
    summary: 'List the tools of a deployment',
    examples: ['deployment tools docs'],
    args: [deployment],
    flags: { json },
    load: () => import('./commands/deployment.ts').then((module) => module.listDeploymentTools),
  }),
  'deployment approve': command({
    summary: 'Approve what a deployment runs, then wait until it is ready',
    examples: ['deployment approve everything', 'deployment approve everything --digest 9f86d08… --yes'],
    args: [deployment],
    flags: { digest: option('SHA256', 'Approve only if the launch specification has this digest') },
    load: () => import('./commands/deployment-approve.ts').then((module) => module.approveDeployment),
  }),
  'deployment grant': command({
    summary: 'Let a process reach further destinations or files, or take that back',
    examples: [
      'deployment grant everything --egress api.github.com:443',
      'deployment grant files --file ./notes --file ./drafts:rw',
      'deployment grant files --revoke --file ./drafts',
    ],
    args: [deployment],
    flags: { ...grants, revoke: toggle('Take these grants back'), 'dry-run': dryRun },
    load: () => import('./commands/deployment-approve.ts').then((module) => module.grantDeployment),
  }),
  'deployment logs': command({
    summary: 'Show what a process wrote to its error stream',
    examples: ['deployment logs everything', 'deployment logs everything --follow'],
    args: [deployment],
    flags: { follow: toggle('Go on with new lines until Ctrl-C'), json },
    load: () => import('./commands/deployment.ts').then((module) => module.showDeploymentLogs),
  }),
  'deployment restart': command({
    summary: 'Restart a process, or probe a remote server again',
    examples: ['deployment restart everything'],
    args: [deployment],
    flags: {},
    load: () => import('./commands/deployment-approve.ts').then((module) => module.restartDeployment),
  }),
  'deployment remove': command({
    summary: 'Remove a deployment and its secrets',
    examples: ['deployment remove docs', 'deployment remove docs --yes'],
    args: [deployment],
    flags: { 'dry-run': dryRun },
    load: () => import('./commands/deployment.ts').then((module) => module.removeDeployment),
  }),

  'profile create': command({
    summary: 'Create a profile: a set of deployments and tools behind one endpoint',
    examples: ['profile create dev everything docs', 'profile create dev everything --exclude everything__get-env'],
    args: [profile, { name: 'DEPLOYMENT', doc: 'Deployments in it', isOptional: true, isRepeated: true }],
    flags: {
      title: option('TEXT', 'Title for people'),
      description: option('TEXT', 'What it is for'),
      include: options('TOOL', 'Only these tools; `*` at the end is a wildcard; may repeat'),
      exclude: options('TOOL', 'Not these tools; may repeat'),
      access,
    },
    load: () => import('./commands/profile.ts').then((module) => module.createProfile),
  }),
  'profile add': command({
    summary: 'Add deployments to a profile',
    examples: ['profile add dev docs'],
    args: [profile, { name: 'DEPLOYMENT', doc: 'Deployments to add', isRepeated: true }],
    flags: { 'dry-run': dryRun },
    load: () => import('./commands/profile.ts').then((module) => module.addToProfile),
  }),
  'profile list': command({
    summary: 'List profiles',
    examples: ['profile list', 'profile list --json'],
    flags: { json },
    load: () => import('./commands/profile.ts').then((module) => module.listProfiles),
  }),
  'profile show': command({
    summary: 'Show a profile',
    examples: ['profile show dev'],
    args: [profile],
    flags: { json },
    load: () => import('./commands/profile.ts').then((module) => module.showProfile),
  }),
  'profile remove': command({
    summary: 'Remove a profile; its deployments stay',
    examples: ['profile remove dev'],
    args: [profile],
    flags: { 'dry-run': dryRun },
    load: () => import('./commands/profile.ts').then((module) => module.removeProfile),
  }),

  'tool list': command({
    summary: 'List the tools you may call',
    examples: ['tool list', 'tool list --profile starter', 'tool list --deployment docs --json'],
    flags: { ...endpoint, json },
    load: () => import('./commands/tool-list.ts').then((module) => module.listTools),
  }),
  'tool call': command({
    summary: 'Call a tool and show where the time went',
    examples: [
      'tool call everything__echo message=hello',
      'tool call echo message=hello --deployment everything',
      'tool call search --json-args \'{"query":"tea"}\' --profile dev',
    ],
    details: 'Values are converted as the tool’s input schema says; `key:=JSON` gives a value as JSON.',
    args: [
      { name: 'TOOL', doc: 'Name of the tool as `tool list` shows it' },
      { name: 'KEY=VALUE', doc: 'Arguments', isOptional: true, isRepeated: true },
    ],
    flags: { ...endpoint, 'json-args': option('JSON|-', 'All arguments as one JSON object, or - for standard input'), json },
    load: () => import('./commands/tool-call.ts').then((module) => module.callTool),
  }),

  'key create': command({
    summary: 'Create an API key and print it, this once',
    examples: ['key create laptop', 'key create ci --profile dev --expires 30d', 'key create robot --profile dev --tool docs__search'],
    args: [{ name: 'NAME', doc: 'What it is for' }],
    flags: {
      profile: options('PROFILE', 'Only this profile; may repeat'),
      deployment: options('DEPLOYMENT', 'Only this deployment; may repeat'),
      tool: options('TOOL', 'Only this tool, `*` at the end is a wildcard; may repeat'),
      scope: options(
        'SCOPE',
        'mcp:list and mcp:call (the default), admin; may repeat. registry:read and registry:write are for the registry, which comes later',
      ),
      expires: option('WHEN', 'A time such as 2027-01-31, or a span such as 12h, 30d'),
      json,
    },
    load: () => import('./commands/key.ts').then((module) => module.createKey),
  }),
  'key list': command({
    summary: 'List API keys, never the keys themselves',
    examples: ['key list', 'key list --all'],
    flags: { all: toggle('Those that were revoked, too'), json },
    load: () => import('./commands/key.ts').then((module) => module.listKeys),
  }),
  'key revoke': command({
    summary: 'Revoke an API key, effective at once',
    examples: ['key revoke laptop', 'key revoke key_01hzy8…'],
    args: [{ name: 'KEY', doc: 'Identifier or name of a key' }],
    flags: { 'dry-run': dryRun },
    load: () => import('./commands/key.ts').then((module) => module.revokeKey),
  }),

  'activity list': command({
    summary: 'List what happened, newest first',
    examples: ['activity list', 'activity list --verdict deny --since 1h'],
    flags: {
      ...activityFilter,
      outcome: option('OUTCOME', 'Only this outcome'),
      since: option('WHEN', 'Not before this time, or a span such as 15m, 1h'),
      ...page,
    },
    load: () => import('./commands/activity.ts').then((module) => module.listActivity),
  }),
  'activity tail': command({
    summary: 'Follow what happens, until Ctrl-C',
    examples: ['activity tail', 'activity tail --deployment docs --json'],
    flags: { ...activityFilter, json: toggle('Print one JSON object a line') },
    load: () => import('./commands/activity.ts').then((module) => module.tailActivity),
  }),
  'activity show': command({
    summary: 'Show one event with its flight record: who, which rule, where the time went',
    examples: ['activity show evt_01hzy8…', 'activity show evt_01hzy8… --bodies'],
    details: 'Arguments and results are kept where SALLYPORT_RECORD_BODIES=redacted; owners may read them, and that is recorded.',
    args: [{ name: 'ID', doc: 'Identifier of the event' }],
    flags: { bodies: toggle('Show the redacted arguments and result as well; with --json, them alone'), json },
    load: () => import('./commands/activity.ts').then((module) => module.showActivity),
  }),
  'audit verify': command({
    summary: 'Check that no audit event was changed, removed or reordered',
    examples: ['audit verify', 'audit verify --json'],
    flags: { json },
    load: () => import('./commands/activity.ts').then((module) => module.verifyAudit),
  }),

  'client connect': command({
    summary: 'Write Sallyport into the configuration of an MCP client',
    examples: [
      'client connect claude-code',
      'client connect vscode --profile dev',
      'client connect cursor --scope project',
      'client connect raw',
    ],
    details: 'Creates a key of its own for the client, shows the difference, keeps a backup and asks before it writes.',
    args: [client],
    flags: { profile: option('PROFILE', 'Offer this profile alone; default: everything you may use'), scope, 'dry-run': dryRun },
    load: () => import('./commands/client-connect.ts').then((module) => module.connectClient),
  }),
  'client disconnect': command({
    summary: 'Take Sallyport out of a client’s configuration again and revoke its key',
    examples: ['client disconnect claude-code'],
    args: [client],
    flags: { profile: option('PROFILE', 'The profile that was connected'), scope, 'dry-run': dryRun },
    load: () => import('./commands/client-disconnect.ts').then((module) => module.disconnectClient),
  }),
  'client list': command({
    summary: 'List the clients we can write to, and which are connected',
    examples: ['client list', 'client list --json'],
    flags: { json },
    isLocal: true,
    load: () => import('./commands/client-list.ts').then((module) => module.listClients),
  }),

  'secret set': command({
    summary: 'Store or replace a secret',
    examples: ['secret set docs-token', 'secret set docs-token --from env:DOCS_TOKEN', 'secret set docs-token --from -'],
    args: [{ name: 'NAME', doc: 'Name of the secret' }],
    flags: { from: option('SOURCE', 'env:VAR, file:PATH or - (standard input); asked for when left out') },
    load: () => import('./commands/secret.ts').then((module) => module.setSecret),
  }),
  'secret list': command({
    summary: 'List the names of stored secrets',
    examples: ['secret list', 'secret list --json'],
    flags: { json },
    load: () => import('./commands/secret.ts').then((module) => module.listSecrets),
  }),
  'secret remove': command({
    summary: 'Remove a secret that nothing refers to',
    examples: ['secret remove docs-token'],
    args: [{ name: 'NAME', doc: 'Name of the secret' }],
    flags: { 'dry-run': dryRun },
    load: () => import('./commands/secret.ts').then((module) => module.removeSecret),
  }),

  connect: CONNECT,
  login: command({
    summary: 'Store the address of a server and a key for it',
    examples: ['login https://tools.example.com', 'login https://tools.example.com --token-file -'],
    args: [{ name: 'URL', doc: 'Address of the server; default: the one in use', isOptional: true }],
    flags: { 'token-file': option('FILE|-', 'Read the key from a file or from standard input') },
    load: () => import('./commands/login.ts').then((module) => module.login),
  }),
  logout: command({
    summary: 'Forget the stored login',
    examples: ['logout'],
    flags: {},
    isLocal: true,
    load: () => import('./commands/login.ts').then((module) => module.logout),
  }),
  whoami: command({
    summary: 'Say as whom, and with which rights, you speak to which server',
    examples: ['whoami', 'whoami --json'],
    flags: { json },
    load: () => import('./commands/login.ts').then((module) => module.whoami),
  }),
  'owner link': command({
    summary: 'Print a fresh one-time link for the owner, on the machine with the data folder',
    examples: ['owner link'],
    flags: { json },
    isLocal: true,
    load: () => import('./commands/owner-link.ts').then((module) => module.showOwnerLink),
  }),
  'config show': command({
    summary: 'List every setting with its value and where it came from',
    examples: ['config show', 'config show --json'],
    details: 'Shows the settings of the running server; without one, what a server started here would use.',
    flags: { json },
    load: () => import('./commands/config-show.ts').then((module) => module.showConfig),
  }),
  doctor: command({
    summary: 'Check everything that Sallyport needs and say how to mend what is wrong',
    examples: ['doctor', 'doctor --fix'],
    flags: { fix: toggle('Mend what can be mended safely'), json },
    load: () => import('./commands/doctor.ts').then((module) => module.runDoctor),
  }),
  completion: command({
    summary: 'Print a completion script for your shell',
    examples: [
      'completion bash > ~/.local/share/bash-completion/completions/sallyport',
      'completion zsh > "${fpath[1]}/_sallyport"',
      'completion fish > ~/.config/fish/completions/sallyport.fish',
    ],
    args: [{ name: 'SHELL', doc: 'Which shell', choices: ['bash', 'zsh', 'fish'] }],
    flags: {},
    isLocal: true,
    load: () => import('./commands/completion.ts').then((module) => module.printCompletion),
  }),
  version: command({
    summary: 'Print the version',
    examples: ['version', 'version --json'],
    flags: { json },
    isLocal: true,
    load: () => import('./commands/version.ts').then((module) => module.printVersion),
  }),
}
