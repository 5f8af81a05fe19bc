import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { bracketMatching, indentOnInput, syntaxTree } from '@codemirror/language'
import { type Diagnostic, linter } from '@codemirror/lint'
import { Compartment, EditorState, type Extension, type Range } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { NONCE } from '@/lib/nonce.ts'
import { explainJson } from './json-fault.ts'

/** What may change while the editor stands. */
export const variable = new Compartment()

interface Settings {
  readonly label: string
  readonly describedBy: string
  readonly isInvalid: boolean
  readonly isReadOnly: boolean
}

export function settingsFor({ label, describedBy, isInvalid, isReadOnly }: Settings): Extension {
  return [
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': describedBy,
      'aria-invalid': String(isInvalid),
      'aria-readonly': String(isReadOnly),
    }),
    EditorState.readOnly.of(isReadOnly),
    // Nothing typed yet is not a mistake, and what cannot be edited cannot be mended.
    isReadOnly ? [] : linter(({ state }) => faultsOf(state.doc.toString()), { delay: 400 }),
  ]
}

export const extensionsFor = (minHeight: number, maxHeight: number): Extension => [
  EditorView.cspNonce.of(NONCE),
  json(),
  colors,
  history(),
  lineNumbers(),
  drawSelection(),
  bracketMatching(),
  indentOnInput(),
  highlightSpecialChars({ addSpecialChars: /[\u202A-\u202E\u2060-\u206F\u{E0000}-\u{E007F}]/u }),
  EditorView.lineWrapping,
  EditorState.tabSize.of(2),
  keymap.of([...defaultKeymap, ...historyKeymap]),
  theme,
  EditorView.theme({ '.cm-scroller': { minHeight: `${minHeight}px`, maxHeight: `${maxHeight}px` } }),
]

function faultsOf(text: string): Diagnostic[] {
  const fault = explainJson(text)
  if (fault === null) return []
  return [{ from: fault.from, to: fault.to, severity: 'error', message: fault.message }]
}

const NAMES: Readonly<Record<string, Decoration>> = Object.fromEntries(
  Object.entries({ PropertyName: 'key', String: 'string', Number: 'number', True: 'bool', False: 'bool', Null: 'null' }).map(
    ([name, kind]) => [name, Decoration.mark({ class: `cm-json-${kind}` })],
  ),
)

/** Colours of what is in sight, by the names of the grammar. */
const colors = ViewPlugin.fromClass(
  class {
    marks: DecorationSet

    constructor(view: EditorView) {
      this.marks = marksOf(view)
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged || syntaxTree(update.startState) !== syntaxTree(update.state)) {
        this.marks = marksOf(update.view)
      }
    }
  },
  { decorations: (plugin) => plugin.marks },
)

function marksOf(view: EditorView): DecorationSet {
  const marks: Range<Decoration>[] = []
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: (node) => {
        const mark = NAMES[node.name]
        if (mark !== undefined && node.to > node.from) marks.push(mark.range(node.from, node.to))
      },
    })
  }
  return Decoration.set(marks, true)
}

/** One theme for light and dark: the tokens change under it. */
const theme = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 10px', minWidth: '28px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)', outline: '1px solid var(--bad)' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.cm-json-string': { color: 'var(--ok)' },
  '.cm-json-number': { color: 'var(--accent-text)' },
  '.cm-json-bool': { color: 'var(--warn)' },
  '.cm-json-null': { color: 'var(--faint)', fontStyle: 'italic' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-lintPoint-error:after': { borderBottomColor: 'var(--bad)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    boxShadow: 'var(--shadow)',
    fontFamily: 'var(--font-sans)',
  },
  '.cm-diagnostic': { padding: '4px 10px', borderLeft: 'none' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--bad)' },
})
