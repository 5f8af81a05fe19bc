const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/
const OWNED = /^(deployment|declared)\//
const NAME_LENGTH_MAX = 256

/** What is wrong with the name of a new secret; null: nothing. The server has the last word. */
export function secretNameFault(name: string, taken: readonly string[]): string | null {
  if (name === '') return 'A deployment refers to it by its name.'
  if (name.length > NAME_LENGTH_MAX) return `A name has at most ${NAME_LENGTH_MAX} characters.`
  if (!NAME.test(name)) return 'Use letters, digits, ".", "_" and "-", in parts divided by "/".'
  if (OWNED.test(name)) return 'Names under deployment/ and declared/ are given by deployments; choose another beginning.'
  return taken.includes(name) ? 'There is one with this name. Replace it in the list instead.' : null
}
