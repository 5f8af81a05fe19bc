import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { extensionsFor, settingsFor, variable } from './json-editor-setup.ts'

interface JsonEditorFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly label: string
  readonly minHeight: number
  readonly maxHeight: number
  readonly describedBy: string
  readonly isInvalid: boolean
  readonly isReadOnly?: boolean
}

/** The editor itself. Its text follows `value`, whoever changes it. */
export function JsonEditorField({ value, onChange, minHeight, maxHeight, ...settings }: JsonEditorFieldProps) {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const changed = useRef(onChange)
  const { label, describedBy, isInvalid, isReadOnly = false } = settings

  useEffect(() => {
    changed.current = onChange
  }, [onChange])

  useEffect(() => {
    const editor = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          extensionsFor(minHeight, maxHeight),
          variable.of(settingsFor({ label, describedBy, isInvalid, isReadOnly })),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
    // Text and settings are carried over by the effects below.
  }, [minHeight, maxHeight])

  useEffect(() => {
    const editor = view.current
    if (editor === null || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    view.current?.dispatch({ effects: variable.reconfigure(settingsFor({ label, describedBy, isInvalid, isReadOnly })) })
  }, [label, describedBy, isInvalid, isReadOnly])

  return <div ref={box} dir="ltr" />
}
