import { duration } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import type { ActivityItem, Field } from './activity-search.ts'

const NAME_LENGTH_MAX = 80

/** Who acted, in a word. */
export function actorName({ actor }: Pick<ActivityItem, 'actor'>): string {
  if (actor.name !== '') return inertLine(actor.name, NAME_LENGTH_MAX)
  return actor.kind === 'anonymous' ? 'nobody known' : inertLine(actor.kind, NAME_LENGTH_MAX)
}

const KIND_NAMES: Readonly<Record<ActivityItem['kind'], string>> = { call: 'Call', admin: 'Change', system: 'System' }
export const kindName = (kind: ActivityItem['kind']): string => KIND_NAMES[kind]

/** Requests without a message are told by what they are for. */
const READS: Readonly<Record<string, string>> = { GET: 'read endpoint', DELETE: 'end session' }
export const methodName = (method: string): string => READS[method] ?? inertLine(method, NAME_LENGTH_MAX)

/** The value of a filter as people say it. */
export function fieldText(field: Field, value: string): string {
  if (field === 'kind') return KIND_NAMES[value as ActivityItem['kind']] ?? value
  if (field === 'verdict') return value === 'deny' ? 'Denied' : 'Allowed'
  if (field === 'endpoint' && value === '*') return 'everything'
  if (field === 'method') return methodName(value)
  return inertLine(value, NAME_LENGTH_MAX)
}

const VERBS: Readonly<Record<string, string>> = {
  'tools/call': 'called',
  'tools/list': 'listed the tools',
  'prompts/get': 'got the prompt',
  'prompts/list': 'listed the prompts',
  'resources/read': 'read',
  'resources/list': 'listed the resources',
  'resources/templates/list': 'listed the resource templates',
  'server/discover': 'asked what there is',
  initialize: 'opened a session',
  GET: 'read what there is',
  DELETE: 'ended the session',
}

/** What happened, in one sentence: `Key laptop called echo__say on starter: allowed by rule grant, 12.0 ms.` */
export function sentenceOf(item: ActivityItem): string {
  const who = subjectOf(item)
  const verb = VERBS[item.method] ?? `asked for ${inertLine(item.method, NAME_LENGTH_MAX)}`
  const what = item.target === '' ? '' : ` ${inertLine(item.target, NAME_LENGTH_MAX)}`
  const where =
    item.endpoint === '' || item.kind !== 'call'
      ? ''
      : ` on ${item.endpoint === '*' ? 'everything' : inertLine(item.endpoint, NAME_LENGTH_MAX)}`
  const rule = item.rule === '' ? '' : ` by rule ${inertLine(item.rule, NAME_LENGTH_MAX)}`
  const [decision, end] = decisionOf(item)
  return `${who} ${verb}${what}${where}: ${decision}${rule}${end}, ${duration(item.us)}.`
}

function subjectOf({ actor, kind }: ActivityItem): string {
  if (actor.kind === 'anonymous' || (actor.name === '' && actor.id === '')) return 'Somebody without a known credential'
  const name = inertLine(actor.name === '' ? actor.id : actor.name, NAME_LENGTH_MAX)
  if (actor.kind === 'key') return `Key ${name}`
  if (actor.kind === 'owner') return name.toLowerCase() === 'owner' ? 'The owner' : `Owner ${name}`
  return kind === 'system' ? 'Sallyport' : name
}

function decisionOf({ verdict, outcome }: ActivityItem): readonly [decision: string, end: string] {
  const name = inertLine(outcome, NAME_LENGTH_MAX)
  if (verdict === 'deny') return ['denied', ` (${name})`]
  if (outcome === 'ok') return ['allowed', '']
  if (outcome === 'cancelled') return ['allowed', ', but the caller did not wait for the answer']
  if (outcome === 'tool-error') return ['allowed', ', but the tool reported an error']
  return ['allowed', `, but it failed (${name})`]
}

export type OutcomeTone = 'ok' | 'neutral' | 'warn' | 'bad'

/** How an end is to be seen: a refusal is our doing and no failure. */
export function outcomeTone({ verdict, outcome }: Pick<ActivityItem, 'verdict' | 'outcome'>): OutcomeTone {
  if (verdict === 'deny') return 'neutral'
  if (outcome === 'ok') return 'ok'
  return outcome === 'cancelled' ? 'neutral' : outcome === 'tool-error' ? 'warn' : 'bad'
}
