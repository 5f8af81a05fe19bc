import { useCallback, useEffect, useRef, useState } from 'react'
import { callTool, type Called, type ToolCall } from '@/lib/mcp.ts'
import { CallError, type Progress } from '@/lib/mcp-answer.ts'
import { asProblem } from '@/lib/problem.ts'
import type { Run } from './runs.ts'
import { visitRuns } from './visit.ts'

export interface Running {
  readonly startedMs: number
  readonly tool: string
  readonly progress: Progress | null
}

/** One call at a time: what is under way, and how to begin and end it. */
export function useToolRun(onDone: (run: Run) => void) {
  const [running, setRunning] = useState<Running | null>(null)
  const stopping = useRef<AbortController | null>(null)
  // A page that is left does not go on calling.
  useEffect(() => () => stopping.current?.abort(), [])

  const start = useCallback(
    async (call: ToolCall) => {
      if (stopping.current !== null) return
      const own = new AbortController()
      stopping.current = own
      const startedMs = Date.now()
      setRunning({ startedMs, tool: call.tool.name, progress: null })
      const ended = await callTool(call, {
        signal: own.signal,
        onProgress: (progress) => setRunning((now) => (now === null ? null : { ...now, progress })),
      }).then(ofResult, (error: unknown) => ofFailure(error, own.signal.aborted))
      const { endpoint, tool, args } = call
      const at = new Date(startedMs).toISOString()
      const run: Run = {
        id: crypto.randomUUID?.() ?? `${startedMs}-${Math.random()}`,
        at,
        endpoint,
        tool: tool.name,
        args,
        ms: Date.now() - startedMs,
        ...ended,
      }
      stopping.current = null
      setRunning(null)
      visitRuns.add(run)
      onDone(run)
    },
    [onDone],
  )
  const cancel = useCallback(() => stopping.current?.abort(), [])
  return { running, start, cancel }
}

type Ended = Pick<Run, 'outcome' | 'message' | 'problem' | 'flight' | 'isMessageDropped'>

function ofResult({ result, message, flight }: Called): Ended {
  return { outcome: result['isError'] === true ? 'tool-error' : 'ok', message, problem: null, flight, isMessageDropped: false }
}

function ofFailure(error: unknown, isCancelled: boolean): Ended {
  const known = error instanceof CallError ? error : null
  if (isCancelled) return { outcome: 'cancelled', message: null, problem: null, flight: known?.flight ?? null, isMessageDropped: false }
  return {
    outcome: 'failed',
    message: known?.received ?? null,
    problem: asProblem(error),
    flight: known?.flight ?? null,
    isMessageDropped: false,
  }
}
