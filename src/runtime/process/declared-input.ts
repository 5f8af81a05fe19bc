import { TASKS_EXTENSION } from '#protocol/index.ts'
import { INPUT_METHODS, type InputMethod, type InputRequest } from '../model.ts'

type Json = Record<string, unknown>

/** The only requests in the middle of which a server may ask (2026-07-28, basic/patterns/mrtr, supported requests). */
export const INPUT_CALLS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

const CAPABILITY = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
} as const satisfies Record<InputMethod, string>

export const isInputMethod = (method: unknown): method is InputMethod => (INPUT_METHODS as readonly unknown[]).includes(method)

/** Whether a client that declares these capabilities may be asked this. */
export function isDeclared(capabilities: Json, { method, params }: InputRequest): boolean {
  const capability = capabilities[CAPABILITY[method]]
  if (!isObject(capability)) return false
  switch (method) {
    case 'roots/list':
      return true
    case 'sampling/createMessage':
      return (params['tools'] === undefined && params['toolChoice'] === undefined) || isObject(capability['tools'])
    case 'elicitation/create':
      // No mode at all declares forms (2025-11-25 and 2026-07-28, client/elicitation, capabilities).
      if ((params['mode'] ?? 'form') === 'form') return isObject(capability['form']) || capability['url'] === undefined
      return params['mode'] === 'url' && isObject(capability['url'])
  }
}

export function declaresTasks(capabilities: Json): boolean {
  const { extensions } = capabilities
  return isObject(extensions) && isObject(extensions[TASKS_EXTENSION])
}

const MODES = { elicitation: ['form', 'url'], sampling: ['tools', 'context'], roots: [] } as const

/**
 * What of a client's capabilities a server of the handshake era is told: whether it can be asked, and in which modes; null
 * when it cannot be. Everything else stays away, so that few different sets exist: no settings, no changes of roots, which
 * nobody would announce, and no tasks.
 */
export function interactiveCapabilities(capabilities: Json | undefined): Json | null {
  if (capabilities === undefined) return null
  const told: Json = {}
  for (const [name, modes] of Object.entries(MODES)) {
    const capability = capabilities[name]
    if (!isObject(capability)) continue
    told[name] = Object.fromEntries(modes.filter((mode) => isObject(capability[mode])).map((mode) => [mode, {}]))
  }
  return Object.keys(told).length === 0 ? null : told
}

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
