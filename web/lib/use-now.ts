import { useSyncExternalStore } from 'react'

/** The time in steps of `stepMs`, so that all that shows it changes together. */
export function useNow(stepMs: number): number {
  return useSyncExternalStore(
    (changed) => {
      const timer = window.setInterval(changed, stepMs)
      return () => window.clearInterval(timer)
    },
    () => Math.floor(Date.now() / stepMs) * stepMs,
  )
}
