import type { Era, Upstream, UpstreamInfo } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import type { GatewayState } from '../deps.ts'
import type { Endpoint } from '../endpoints.ts'
import { SKILLS_EXTENSION } from './list-kinds.ts'
import { TASKS_EXTENSION } from '#protocol/index.ts'

type Json = Record<string, unknown>

/** What the servers of an endpoint say of themselves, as far as they say it in time. */
export interface Described {
  readonly infos: readonly UpstreamInfo[]
  /** Whether all of them did. */
  readonly isWhole: boolean
}

/** Servers that did not say anything in time, and until when nobody waits for them again. */
const silent = new WeakMap<Upstream, number>()

/** Asks the servers that have not said yet what they can: side by side, for a moment at most. */
export async function describeAll({ sources }: Endpoint, gateway: GatewayState): Promise<Described> {
  const found = await Promise.all(
    sources.map(async ({ deployment: { tenant, name } }) => {
      const upstream = gateway.runtime.upstream(tenant, name)
      return upstream === undefined ? null : (upstream.known() ?? (await describe(upstream, gateway)))
    }),
  )
  const infos = found.filter((info) => info !== null)
  return { infos, isWhole: infos.length === found.length }
}

async function describe(upstream: Upstream, { now }: GatewayState): Promise<UpstreamInfo | null> {
  const startedAtMs = now()
  if ((silent.get(upstream) ?? 0) > startedAtMs) return null
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LIMITS.describeWaitMs).unref()
  })
  // It goes on in the background: whoever asks next may find the answer.
  const info = await Promise.race([upstream.describe(startedAtMs + LIMITS.startDeadlineMsDefault).catch(() => null), late])
  clearTimeout(timer)
  if (info === null) silent.set(upstream, now() + LIMITS.describeSilenceMs)
  return info
}

const CHANGING = { listChanged: true } as const

/** What a credential that is restricted to some tools gets to hear of. */
export const TOOLS_ONLY: Json = { tools: CHANGING }

/**
 * The union of what servers can, as far as it can be delivered to a client of this era. Lists that nobody is known to have
 * are promised while a server has not spoken: they are answered, and a change is told.
 */
export function uniteCapabilities({ infos, isWhole }: Described, era: Era, isFederation: boolean): Json {
  const all = infos.map(({ capabilities }) => capabilities)
  const has = (name: string): boolean => all.some((capabilities) => isRecord(capabilities[name]))
  const united: Json = {}
  if (isFederation || has('tools')) united['tools'] = CHANGING
  if (has('prompts') || !isWhole) united['prompts'] = CHANGING
  if (has('resources') || !isWhole) {
    const subscribe = all.some(({ resources }) => isRecord(resources) && resources['subscribe'] === true)
    united['resources'] = subscribe ? { ...CHANGING, subscribe } : CHANGING
  }
  if (has('completions')) united['completions'] = {}
  // Modern clients ask for log messages with each call.
  if (era === 'legacy' && has('logging')) united['logging'] = {}
  const extensions = uniteExtensions(infos, era)
  if (Object.keys(extensions).length > 0) united['extensions'] = extensions
  return united
}

/** MCP Apps: the settings are those of the first server that has any. */
const UI_EXTENSION = 'io.modelcontextprotocol/ui'

function uniteExtensions(infos: readonly UpstreamInfo[], era: Era): Json {
  const settings = (id: string, ofEra?: Era): Json[] =>
    infos.flatMap((info) => {
      const { extensions } = info.capabilities
      const own = isRecord(extensions) ? extensions[id] : undefined
      return isRecord(own) && (ofEra === undefined || info.era === ofEra) ? [own] : []
    })
  const united: Json = {}
  const ui = settings(UI_EXTENSION)
  if (ui.length > 0) united[UI_EXTENSION] = ui[0]
  const skills = settings(SKILLS_EXTENSION)
  if (skills.length > 0) united[SKILLS_EXTENSION] = skills.some((own) => own['directoryRead'] === true) ? { directoryRead: true } : {}
  if (era === 'modern' && settings(TASKS_EXTENSION, 'modern').length > 0) united[TASKS_EXTENSION] = {}
  return united
}

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
