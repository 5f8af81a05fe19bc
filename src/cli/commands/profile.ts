import type { BodyInputOf, ResponseOf } from '#api/contract.ts'
import type { Run } from '../command.ts'
import { EXIT, refusal } from '../failure.ts'
import { inert } from '../inert.ts'
import { sayNarrowedKeys } from '../narrowed-keys.ts'
import { printJson } from '../print-json.ts'
import { renderFacts, renderTable } from '../table.ts'
import { showSuccess } from '../terminal.ts'

type Profile = ResponseOf<'getProfile'>

interface CreateFlags {
  readonly title: string | undefined
  readonly description: string | undefined
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly access: Profile['access'] | undefined
}

export const createProfile: Run<CreateFlags> = async ({ args, flags }, { terminal, api }) => {
  const [name, ...servers] = args as [string, ...string[]]
  const hasRules = flags.include.length > 0 || flags.exclude.length > 0
  const body: BodyInputOf<'createProfile'> = {
    name,
    servers,
    ...(flags.title === undefined ? {} : { title: flags.title }),
    ...(flags.description === undefined ? {} : { description: flags.description }),
    ...(flags.access === undefined ? {} : { access: flags.access }),
    ...(hasRules ? { tools: { include: [...flags.include], exclude: [...flags.exclude] } } : {}),
  }
  const created = await (await api()).call('createProfile', { body })
  const next =
    servers.length === 0
      ? `sallyport profile add ${created.name} DEPLOYMENT`
      : `sallyport client connect claude-code --profile ${created.name}`
  showSuccess(terminal, `Created ${created.name} at ${inert(created.endpoint)}`, next)
}

export const addToProfile: Run<{ 'dry-run': boolean }> = async ({ args, flags }, { terminal, api }) => {
  const [name, ...wanted] = args as [string, ...string[]]
  const server = await api()
  const { servers } = await server.call('getProfile', { params: { name } })
  const added = wanted.filter((deployment) => !servers.includes(deployment))
  if (added.length === 0) return showSuccess(terminal, `${name} has ${inert(wanted.join(', '))} already`)
  const known = (await server.listAll('listDeployments')).items.map((deployment) => deployment.name)
  const unknown = added.find((deployment) => !known.includes(deployment))
  if (unknown !== undefined) throw refusal(`There is no deployment \`${unknown}\``, undefined, 'sallyport deployment list')
  if (flags['dry-run']) return terminal.say(`Would add ${added.join(', ')} to ${name}.`)
  await server.call('updateProfile', { params: { name }, body: { servers: [...servers, ...added] } })
  showSuccess(terminal, `Added ${added.join(', ')} to ${name}`, `sallyport tool list --profile ${name}`)
}

export const listProfiles: Run<{ json: boolean }> = async ({ flags }, { terminal, api }) => {
  const found = await (await api()).listAll('listProfiles')
  if (flags.json) return printJson(terminal, found)
  if (found.items.length === 0) return showSuccess(terminal, 'There are no profiles yet', 'sallyport profile create NAME DEPLOYMENT...')
  terminal.out(
    renderTable(
      terminal,
      [
        { title: 'NAME', value: (profile) => profile.name },
        { title: 'ACCESS', value: (profile) => profile.access },
        { title: 'DEPLOYMENTS', value: (profile) => profile.servers.join(', '), isFlexible: true },
        { title: 'ENDPOINT', value: (profile) => profile.endpoint },
        { title: 'FROM', value: origin },
      ],
      found.items,
    ),
  )
}

export const showProfile: Run<{ json: boolean }> = async ({ args, flags }, { terminal, api }) => {
  const profile = await (await api()).call('getProfile', { params: { name: args[0]! } })
  if (flags.json) return printJson(terminal, profile)
  const { tools } = profile
  const changes = [
    ...Object.entries(tools.rename).map(([from, to]) => `${from} is called ${to}`),
    ...Object.keys(tools.describe).map((tool) => `${tool} is described anew`),
    ...Object.keys(tools.fix).map((tool) => `${tool} has fixed arguments`),
  ]
  terminal.out(
    renderFacts(terminal, [
      ['name', profile.name],
      ['title', profile.title],
      ['description', profile.description],
      ['access', profile.access],
      ['deployments', profile.servers.join(', ')],
      ['endpoint', profile.endpoint],
      ['include', tools.include.join(', ')],
      ['exclude', tools.exclude.join(', ')],
      ['changes', changes.join('\n')],
      ['from', origin(profile)],
    ]),
  )
  terminal.say(`→ sallyport tool list --profile ${profile.name}`)
}

export const removeProfile: Run<{ 'dry-run': boolean }> = async ({ args, flags }, { terminal, dialogue, api }) => {
  const server = await api()
  const { name } = await server.call('getProfile', { params: { name: args[0]! } })
  if (flags['dry-run']) return terminal.say(`Would remove the profile ${name}.`)
  if (!(await dialogue.confirm(`Remove the profile ${name}? Clients that use it lose their tools.`))) return EXIT.refused
  const removed = await server.call('deleteProfile', { params: { name } })
  showSuccess(terminal, `Removed ${name}`)
  sayNarrowedKeys(terminal, removed)
}

/** Where a definition comes from, in a word. */
export const origin = ({ origin: { kind, ...rest } }: Pick<Profile, 'origin'>): string => ('place' in rest ? rest.place : kind)
