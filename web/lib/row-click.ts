import type { MouseEvent } from 'react'

/** A click on something inside a row that acts by itself, or the end of selecting text. */
export function isForOthers(event: MouseEvent): boolean {
  const inner = (event.target as Element).closest(
    'a,button,input,select,textarea,label,[role="menuitem"],[role="checkbox"],[role="switch"]',
  )
  const isInside = event.currentTarget.contains(event.target as Node)
  return !isInside || (inner !== null && event.currentTarget.contains(inner)) || (window.getSelection()?.toString() ?? '') !== ''
}
