export type ParsedText = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'empty' } | { readonly kind: 'broken' }

/** Reads a text that a person is still writing. */
export function parseJsonText(text: string): ParsedText {
  if (text.trim() === '') return { kind: 'empty' }
  try {
    return { kind: 'value', value: JSON.parse(text) as unknown }
  } catch {
    return { kind: 'broken' }
  }
}
