import { hash } from 'node:crypto'
import { LIMITS } from '#std/index.ts'

const SEPARATOR = '__'
const DIGEST_CHARACTERS = 8

/** The name that something of a server has in a federation, before it is shortened. */
export const fullName = (server: string, name: string): string => server + SEPARATOR + name

/** Clients refuse names above 64 characters; a longer one gets a short form that is the same every time. */
export function aliasOf(name: string): string {
  if (name.length <= LIMITS.aliasLengthMax) return name
  return `${name.slice(0, LIMITS.aliasLengthMax - DIGEST_CHARACTERS - 1)}_${hash('sha256', name, 'hex').slice(0, DIGEST_CHARACTERS)}`
}

/** The deployment that a federated name says it belongs to. */
export function serverOf(name: string): string | null {
  const end = name.indexOf(SEPARATOR)
  return end <= 0 ? null : name.slice(0, end)
}

/** What a text compares as in a list: the same order everywhere, whatever the locale. */
export const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
