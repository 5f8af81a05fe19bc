import { useSyncExternalStore } from 'react'

/** What may lie over every page. */
export type Overlay = 'palette' | 'shortcuts'

let shown: Overlay | null = null
const listeners = new Set<() => void>()

export function showOverlay(next: Overlay | null): void {
  shown = next
  for (const listener of listeners) listener()
}

export const overlayNow = (): Overlay | null => shown

export function useOverlay(): Overlay | null {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, overlayNow)
}
