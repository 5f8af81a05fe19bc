import type { QueryInputOf, ResponseOf } from '#api/contract.ts'
import type { Run } from '../command.ts'
import { pad, truncate } from '../display-width.ts'
import { EXIT, usageFailure } from '../failure.ts'
import { renderFlight } from '../flight-card.ts'
import { byteSize, count, duration, parseSpan, shortTime } from '../format.ts'
import { inert } from '../inert.ts'
import { printJson, safeJson } from '../print-json.ts'
import { renderFacts, renderTable, type Column } from '../table.ts'
import { showFailure, showSuccess, type Terminal } from '../terminal.ts'

const WHO_COLUMNS = 16

type Item = ResponseOf<'listActivity'>['items'][number]

interface Filter {
  readonly deployment: string | undefined
  readonly endpoint: string | undefined
  readonly actor: string | undefined
  readonly method: string | undefined
  readonly target: string | undefined
  readonly verdict: 'allow' | 'deny' | undefined
  readonly kind: Item['kind'] | undefined
}

const filterOf = ({ deployment, endpoint, actor, method, target, verdict, kind }: Filter): Filter => ({
  deployment,
  endpoint,
  actor,
  method,
  target,
  verdict,
  kind,
})

const COLUMNS: readonly Column<Item>[] = [
  { title: 'TIME', value: (item) => shortTime(item.at) },
  { title: 'WHO', value: (item) => item.actor.name || item.actor.kind, isFlexible: true },
  { title: 'WHAT', value: (item) => [item.method, item.target].filter((part) => part !== '').join(' '), isFlexible: true },
  { title: 'AT', value: (item) => item.endpoint, isFlexible: true },
  { title: 'VERDICT', value: (item) => item.verdict, style: (item) => (item.verdict === 'deny' ? 'red' : 'green') },
  { title: 'RULE', value: (item) => item.rule, isFlexible: true },
  { title: 'OUTCOME', value: (item) => item.outcome, style: (item) => (item.outcome === 'ok' ? undefined : 'yellow') },
  { title: 'TOOK', value: (item) => duration(item.us), align: 'right' },
  { title: 'ID', value: (item) => item.id },
]

interface ListFlags extends Filter {
  readonly outcome: string | undefined
  readonly since: string | undefined
  readonly limit: number
  readonly json: boolean
}

export const listActivity: Run<ListFlags> = async ({ flags }, { terminal, program, api }) => {
  const query: QueryInputOf<'listActivity'> = {
    ...filterOf(flags),
    outcome: flags.outcome,
    limit: flags.limit,
    ...(flags.since === undefined ? {} : { since: earlier(flags.since, program.now()) }),
  }
  const found = await (await api()).call('listActivity', { query })
  if (flags.json) return printJson(terminal, found)
  if (found.items.length === 0) return terminal.say('Nothing was recorded that fits.')
  terminal.out(renderTable(terminal, COLUMNS, found.items))
  terminal.say(`${terminal.tint('cyan', '→')} sallyport activity show ID`)
}

function earlier(text: string, nowMs: number): string {
  const span = parseSpan(text)
  const atMs = span === undefined ? Date.parse(text) : nowMs - span
  if (Number.isNaN(atMs))
    throw usageFailure(`\`${text}\` is not a time`, 'Give a span such as 15m or 1h, or a time such as 2026-11-21T10:00:00Z.')
  return new Date(atMs).toISOString()
}

export const tailActivity: Run<Filter & { json: boolean }> = async ({ flags }, { terminal, api }) => {
  const events = (await api()).follow('streamActivity', { query: filterOf(flags) })
  if (!flags.json) terminal.say('Waiting for calls; Ctrl-C ends.')
  for await (const item of events) terminal.out(flags.json ? safeJson(item) : liveLine(terminal, item))
}

/** A line can only be aligned with those before it by fixed widths, because the next one is not known yet; what has none is last. */
function liveLine(terminal: Terminal, item: Item): string {
  const isAllowed = item.verdict === 'allow'
  const what = [item.method, item.target].filter((part) => part !== '').join(' ')
  const who = truncate(inert(item.actor.name || item.actor.kind), WHO_COLUMNS)
  const parts = [
    terminal.paint('dim', item.at.slice(11, 23)),
    isAllowed ? terminal.paint('green', 'allow') : terminal.paint('red', 'deny '),
    duration(item.us).padStart(9),
    pad(who, WHO_COLUMNS),
    terminal.paint('dim', inert(item.id)),
    item.endpoint === '' ? inert(what) : `${inert(what)} ${terminal.paint('dim', 'at')} ${inert(item.endpoint)}`,
  ]
  if (item.outcome !== 'ok') parts.push(terminal.paint('yellow', inert(item.outcome)))
  return parts.join('  ')
}

export const showActivity: Run<{ bodies: boolean; json: boolean }> = async ({ args, flags }, { terminal, api }) => {
  const server = await api()
  const params = { id: args[0]! }
  const bodies = flags.bodies ? await server.call('getActivityBodies', { params }) : null
  if (flags.json && bodies !== null) return printJson(terminal, bodies)
  const found = await server.call('getActivity', { params })
  if (flags.json) return printJson(terminal, found)
  terminal.out(
    renderFacts(terminal, [
      ['id', found.id],
      ['time', `${shortTime(found.at)} UTC`],
      ['who', `${found.actor.name} (${[found.actor.kind, found.actor.id].filter((part) => part !== '').join(' ')})`],
      ['what', [found.method, found.target].filter((part) => part !== '').join(' ')],
      ['at', found.endpoint],
      ['deployment', found.deployment],
      ['era', found.era],
      ['verdict', found.verdict],
      ['rule', found.rule],
      ['outcome', `${found.outcome}, status ${found.status}`],
      ['size', `${byteSize(found.bytesIn)} in, ${byteSize(found.bytesOut)} out`],
      ['took', duration(found.us)],
      ['body SHA-256', found.bodySha256],
      ['place in chain', found.sequence ?? 'not chained yet'],
      ['hash of its block', found.hash],
    ]),
  )
  if (found.steps.length > 0) terminal.out(`\n${renderFlight(found.steps, found.us, terminal.paint)}`)
  if (bodies !== null) showBodies(terminal, bodies)
}

function showBodies(
  terminal: Terminal,
  { recording, arguments: given, result, redactions, keptUntil }: ResponseOf<'getActivityBodies'>,
): void {
  if (recording === 'off') {
    terminal.say(`${terminal.tint('yellow', '!')} Arguments and results are not kept here.`)
    return terminal.say(
      `${terminal.tint('cyan', '→')} Set SALLYPORT_RECORD_BODIES=redacted and restart the server to keep those of later calls.`,
    )
  }
  if (keptUntil === null)
    return terminal.say(`${terminal.tint('yellow', '!')} Nothing is kept of this event: it was no tool call, or too long ago.`)
  for (const [name, body] of [
    ['arguments', given],
    ['result', result],
  ] as const) {
    terminal.out(`\n${terminal.paint('dim', body?.isCut === true ? `${name}, cut` : name)}`)
    terminal.out(body === null ? '-' : inert(JSON.stringify(JSON.parse(body.text), null, 2), { isMultiline: true }))
  }
  terminal.say(`${count(redactions, 'value')} redacted; kept until ${shortTime(keptUntil)} UTC.`)
}

export const verifyAudit: Run<{ json: boolean }> = async ({ flags }, { terminal, api }) => {
  const found = await (await api()).call('verifyAudit')
  if (flags.json) printJson(terminal, found)
  if (found.isIntact) {
    showSuccess(
      terminal,
      `The chain is intact: ${count(found.checked, 'event')} checked, the newest is ${found.head.sequence} with hash ${inert(found.head.hash)}`,
    )
    return EXIT.ok
  }
  const findings = found.findings.map(({ sequence, problem, detail }) => `event ${sequence} ${problem}: ${detail}`)
  const why = [...findings, ...(found.isComplete ? [] : ['So much is wrong that the rest was not read.'])].join('\n')
  showFailure(terminal, { message: 'The audit does not fit together', why, remedy: 'compare with a backup or an exported copy' })
  return EXIT.refused
}
