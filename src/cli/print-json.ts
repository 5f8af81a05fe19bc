import type { Terminal } from './terminal.ts'

/** Characters that JSON lets through and terminals obey or hide. */
const UNSAFE = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** JSON that is the same value to a parser and harmless to a terminal: what a terminal would obey is escaped. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) ?? 'null'
  return text.replace(UNSAFE, (found) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
}

export const printJson = (terminal: Terminal, value: unknown): void => terminal.out(safeJson(value, 2))
