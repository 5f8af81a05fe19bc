/** Puts a text on the clipboard; false when the browser does not let us. */
export async function copyOut(text: string): Promise<boolean> {
  // Only pages with TLS, and those of this very computer, have the real clipboard.
  if (navigator.clipboard === undefined) return copySelection(text)
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copySelection(text),
  )
}

/** The old way: copies what is selected in a field that nobody sees. */
function copySelection(text: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'sr-only'
  // Beside the focused element, so that a dialog that keeps the focus does not take it back.
  ;(before?.parentElement ?? document.body).append(field)
  field.select()
  // Deprecated, and still the only way without TLS.
  // oxlint-disable-next-line typescript/no-deprecated
  const isDone = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  return isDone
}
