import type { ApiInput, ResponseOf } from '@/lib/api.ts'

export type Profile = ResponseOf<'getProfile'>
export type ProfilePatch = ApiInput<'updateProfile'>['body']
export type Access = Profile['access']

/** What each level of access means, from the tightest. */
export const ACCESS_LEVELS: readonly { readonly value: Access; readonly label: string; readonly hint: string }[] = [
  { value: 'granted', label: 'Granted keys', hint: 'Only keys that name this profile, and keys without any restriction' },
  { value: 'tenant', label: 'Every member', hint: 'Every valid key that is not restricted to other endpoints' },
  { value: 'public', label: 'Public', hint: 'Anybody who can reach this server, without a key' },
]

export const accessLabel = (access: Access): string => ACCESS_LEVELS.find(({ value }) => value === access)!.label

const NAME_LENGTH_MAX = 63
const RESERVED: ReadonlySet<string> = new Set(['sse', 'ws', 'messages', 'invoke'])

/** What the server will make of a name: the rest of the address. */
export const normalisedName = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/gu, '-')

/** Why a text cannot be a name; null: it can, as far as is known here. */
export function nameFault(text: string, taken: readonly string[]): string | null {
  const given = text.trim()
  if (given === '') return 'Give it a name.'
  if (given.includes('__')) return 'Two underscores separate server and tool; use a hyphen.'
  const name = normalisedName(given)
  if (name.length > NAME_LENGTH_MAX) return `At most ${NAME_LENGTH_MAX} characters; these are ${name.length}.`
  if (RESERVED.has(name)) return `“${name}” means something else in addresses; choose another name.`
  if (/^-+$/.test(name)) return 'Use at least one letter or digit.'
  if (taken.includes(name)) return `“${name}” is taken by a profile or a deployment.`
  return null
}

/** Why it cannot be changed here, and where it can; null: it can. */
export function readOnlyReason({ origin }: Pick<Profile, 'origin'>): { readonly text: string; readonly place: string | null } | null {
  if (origin.kind === 'declared')
    return { text: 'It is declared in a file. Edit it there; the change is taken over by itself.', place: origin.place }
  if (origin.kind === 'starter')
    return { text: 'It comes with the program and cannot be changed. Copy it to have one of your own.', place: null }
  return null
}
