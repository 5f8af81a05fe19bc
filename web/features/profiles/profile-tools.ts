import type { ResponseOf } from '@/lib/api.ts'
import { fullNameOf, offers, type ToolRules } from './tool-rules.ts'

export type RawTool = ResponseOf<'listDeploymentTools'>['items'][number]

/** A tool as a profile makes it. */
export interface ProfileTool {
  readonly server: string
  /** `server__tool`: what rules call it. */
  readonly fullName: string
  /** What renaming and describing rules call it; null: too long, and its short form is not known while it is not offered. */
  readonly key: string | null
  /** What clients are shown. */
  readonly name: string
  readonly description: string
  readonly ownDescription: string
  readonly isOffered: boolean
  readonly isRenamed: boolean
  readonly isDescribed: boolean
  /** Arguments that the profile sets. */
  readonly fixed: readonly string[]
  readonly isReadOnly: boolean
  readonly isDestructive: boolean
  readonly inputSchema: unknown
  /** About how much of a model's context its definition takes. */
  readonly tokens: number
}

const ALIAS_LENGTH_MAX = 64
const DIGEST_CHARACTERS = 8
/** Of English and JSON, about this many characters make a token. */
const TOKEN_CHARACTERS = 4

/** The name in the list: clients refuse long ones, so the gateway shortens them and adds a digest, which is not made here. */
function listedNameOf(fullName: string, listed: readonly string[]): string | null {
  if (fullName.length <= ALIAS_LENGTH_MAX) return fullName
  const start = `${fullName.slice(0, ALIAS_LENGTH_MAX - DIGEST_CHARACTERS - 1)}_`
  const found = listed.filter((name) => name.length === ALIAS_LENGTH_MAX && name.startsWith(start))
  return found.length === 1 ? found[0]! : null
}

/** The tools of one server under the rules of a profile. `listed`: the names that the endpoint really has. */
export function toolsOf(server: string, raw: readonly RawTool[], rules: ToolRules, listed: readonly string[]): readonly ProfileTool[] {
  return raw.map((tool) => {
    const fullName = fullNameOf({ server, name: tool.name })
    const key = listedNameOf(fullName, listed)
    const rename = key === null ? undefined : rules.rename[key]
    const describe = key === null ? undefined : rules.describe[key]
    const ownDescription = tool.description ?? ''
    const annotations = (tool['annotations'] ?? {}) as { readonly readOnlyHint?: unknown; readonly destructiveHint?: unknown }
    const description = describe ?? ownDescription
    const name = rename ?? key ?? fullName
    return {
      server,
      fullName,
      key,
      name,
      description,
      ownDescription,
      isOffered: offers(rules, fullName) && (key === null || key === fullName || offers({ include: [], exclude: rules.exclude }, key)),
      isRenamed: rename !== undefined,
      isDescribed: describe !== undefined,
      fixed: Object.keys((key === null ? undefined : rules.fix[key]) ?? {}),
      isReadOnly: annotations.readOnlyHint === true,
      isDestructive: annotations.destructiveHint === true && annotations.readOnlyHint !== true,
      inputSchema: tool.inputSchema,
      tokens: Math.ceil(JSON.stringify({ ...tool, name, description }).length / TOKEN_CHARACTERS),
    }
  })
}

/** Whether a tool is meant by what somebody typed. */
export function isMeant({ name, fullName, description }: ProfileTool, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const all = `${name} ${fullName} ${description}`.toLowerCase()
  return words.every((word) => all.includes(word))
}

const NAME = /^[A-Za-z0-9_.-]+$/

/** Why a tool cannot be called so; null: it can. The empty text stands for its own name. */
export function toolNameFault(text: string, taken: readonly string[]): string | null {
  if (text === '') return null
  if (text.length > ALIAS_LENGTH_MAX) return `At most ${ALIAS_LENGTH_MAX} characters: clients refuse longer names.`
  if (!NAME.test(text)) return 'Letters, digits, underscores, hyphens and dots only.'
  return taken.includes(text) ? 'Another tool of this profile is called so.' : null
}
