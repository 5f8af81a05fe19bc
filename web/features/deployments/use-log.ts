import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { follow, type StreamState } from '@/lib/event-stream.ts'
import { createLogBuffer, type LogBuffer, type ReceivedLine, type ShownLine } from './log-buffer.ts'

const QUIET_MS = 100

export interface Log {
  readonly lines: readonly ShownLine[]
  readonly state: StreamState
  /** Why it has ended. */
  readonly error: unknown
  readonly buffer: LogBuffer
}

/** Follows what a process writes beside the protocol, as long as it is shown. */
export function useLog(name: string, linesMax: number, isOn = true): Log {
  // A log of its own for each name; the component is keyed by it.
  const [buffer] = useState(() => createLogBuffer(linesMax, QUIET_MS))
  const [state, setState] = useState<{ readonly state: StreamState; readonly error: unknown }>({ state: 'connecting', error: null })
  useEffect(() => {
    if (!isOn) return undefined
    return follow(
      'listDeploymentLogs',
      { params: { name }, query: { follow: true } },
      {
        onEvent: ({ data }) => buffer.add(JSON.parse(data) as ReceivedLine),
        onState: (next, error) => {
          if (next === 'live') buffer.connected()
          setState({ state: next, error: error ?? null })
        },
      },
    )
  }, [name, buffer, isOn])
  const lines = useSyncExternalStore(
    useCallback((changed: () => void) => buffer.subscribe(changed), [buffer]),
    () => buffer.lines(),
  )
  return { lines, ...state, buffer }
}
