import { parseTree, type ParseError, printParseErrorCode } from 'jsonc-parser'

export interface JsonFault {
  readonly message: string
  readonly from: number
  readonly to: number
  /** From 1. */
  readonly line: number
  readonly column: number
}

const MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is no JSON value. Texts stand in double quotes; words are only true, false and null.',
  InvalidNumberFormat: 'This is no number as JSON writes them.',
  PropertyNameExpected: 'A key in double quotes must stand here. After the last entry there is no comma.',
  ValueExpected: 'A value must stand here. After the last entry there is no comma.',
  ColonExpected: 'A colon is missing between key and value.',
  CommaExpected: 'A comma is missing before this.',
  CloseBraceExpected: 'The closing } is missing.',
  CloseBracketExpected: 'The closing ] is missing.',
  EndOfFileExpected: 'The value ended before this. Only one value may stand here.',
  InvalidCommentToken: 'JSON has no comments.',
  UnexpectedEndOfComment: 'JSON has no comments.',
  UnexpectedEndOfString: 'The closing double quote is missing.',
  UnexpectedEndOfNumber: 'The number is not complete.',
  InvalidUnicode: 'After \\u four hexadecimal digits must stand.',
  InvalidEscapeCharacter: 'This escape is unknown. A backslash itself is written \\\\.',
  InvalidCharacter: 'This character must be escaped, as \\n or \\u0000.',
}

/** What is wrong with a text that should be JSON, in words; null when nothing is, or nothing is there yet. */
export function explainJson(text: string): JsonFault | null {
  if (text.trim() === '') return null
  try {
    JSON.parse(text)
    return null
  } catch {
    const errors: ParseError[] = []
    parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
    const first = errors.reduce<ParseError | null>((least, error) => (least === null || error.offset < least.offset ? error : least), null)
    const from = Math.min(first?.offset ?? 0, Math.max(0, text.length - 1))
    const before = text.slice(0, from)
    return {
      message: (first !== null && MESSAGES[printParseErrorCode(first.error)]) || 'This is not JSON.',
      from,
      to: Math.min(text.length, from + Math.max(1, first?.length ?? 1)),
      line: before.split('\n').length,
      column: from - before.lastIndexOf('\n'),
    }
  }
}
