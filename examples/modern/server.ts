// An MCP server of the modern era (2026-07-28) over stdio: time, units, and a slow tool that can be watched and cancelled.
import { setTimeout as wait } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

const SECONDS_MAX = 60
const READ_ONLY = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false } as const

/** Factors to the base unit of each quantity. Temperatures are not proportional and stand apart. */
const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  length: { mm: 0.001, cm: 0.01, m: 1, km: 1000, in: 0.0254, ft: 0.3048, yd: 0.9144, mi: 1609.344 },
  mass: { g: 0.001, kg: 1, t: 1000, oz: 0.028349523125, lb: 0.45359237 },
  data: { B: 1, kB: 1000, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 },
  duration: { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 },
}
const TO_KELVIN: Readonly<Record<string, (value: number) => number>> = {
  K: (v) => v,
  C: (v) => v + 273.15,
  F: (v) => ((v - 32) * 5) / 9 + 273.15,
}
const FROM_KELVIN: Readonly<Record<string, (value: number) => number>> = {
  K: (v) => v,
  C: (v) => v - 273.15,
  F: (v) => ((v - 273.15) * 9) / 5 + 32,
}
const UNITS = [...Object.values(FACTORS).flatMap((units) => Object.keys(units)), ...Object.keys(TO_KELVIN)]
const SIGNIFICANT_DIGITS = 12

function convert(value: number, from: string, to: string): { quantity: string; result: number } | null {
  const toKelvin = TO_KELVIN[from]
  const fromKelvin = FROM_KELVIN[to]
  if (toKelvin !== undefined && fromKelvin !== undefined) return { quantity: 'temperature', result: tidy(fromKelvin(toKelvin(value))) }
  for (const [quantity, units] of Object.entries(FACTORS)) {
    const source = units[from]
    const target = units[to]
    if (source !== undefined && target !== undefined) return { quantity, result: tidy((value * source) / target) }
  }
  return null
}

/** Hides the rounding of binary fractions: 0.1 + 0.2 reads 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS))

const text = (words: string): { type: 'text'; text: string } => ({ type: 'text', text: words })

function createServer(): McpServer {
  const server = new McpServer(
    { name: 'clock-and-units', title: 'Clock and units', version: '1.0.0' },
    { instructions: 'Tells the time in any time zone, converts units, counts down.' },
  )

  addTime(server)
  addConvert(server)
  addCountdown(server)
  return server
}

function addTime(server: McpServer): void {
  server.registerTool(
    'time',
    {
      title: 'Current time',
      description: 'The current date and time in an IANA time zone such as Europe/Berlin or America/New_York. Without a time zone: UTC.',
      inputSchema: z.object({ timeZone: z.string().max(64).default('UTC').describe('IANA name of the time zone') }),
      outputSchema: z.object({ iso: z.string(), local: z.string(), timeZone: z.string() }),
      annotations: { ...READ_ONLY, idempotentHint: false },
    },
    ({ timeZone }) => {
      const now = new Date()
      let local: string
      try {
        local = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'long' }).format(now)
      } catch {
        return { content: [text(`${timeZone} is not a time zone. Use an IANA name, for example Europe/Paris.`)], isError: true }
      }
      return { content: [text(local)], structuredContent: { iso: now.toISOString(), local, timeZone } }
    },
  )
}

function addConvert(server: McpServer): void {
  server.registerTool(
    'convert',
    {
      title: 'Convert units',
      description: `Converts a number between two units of the same quantity. Known units: ${UNITS.join(', ')}.`,
      inputSchema: z.object({
        value: z.number().describe('The number to convert'),
        from: z.string().max(8).describe('Its unit, for example km'),
        to: z.string().max(8).describe('The wanted unit, for example mi'),
      }),
      outputSchema: z.object({ quantity: z.string(), result: z.number(), unit: z.string() }),
      annotations: READ_ONLY,
    },
    ({ value, from, to }) => {
      const converted = convert(value, from, to)
      if (converted === null)
        return {
          content: [text(`${from} and ${to} are not two known units of the same quantity. Known: ${UNITS.join(', ')}.`)],
          isError: true,
        }
      const { quantity, result } = converted
      return { content: [text(`${value} ${from} = ${result} ${to}`)], structuredContent: { quantity, result, unit: to } }
    },
  )
}

function addCountdown(server: McpServer): void {
  server.registerTool(
    'countdown',
    {
      title: 'Count down',
      description: 'Counts down the given number of steps and reports each as progress. Slow on purpose: shows progress and cancellation.',
      inputSchema: z.object({
        steps: z.number().int().min(1).max(SECONDS_MAX).default(5).describe('How many steps'),
        stepMs: z.number().int().min(1).max(1000).default(1000).describe('Milliseconds per step'),
      }),
      outputSchema: z.object({ steps: z.number(), elapsedMs: z.number() }),
      annotations: { ...READ_ONLY, idempotentHint: false },
    },
    async ({ steps, stepMs }, context) => {
      const { signal, _meta, notify } = context.mcpReq
      const progressToken = _meta?.progressToken
      const startedAt = performance.now()
      for (let step = 1; step <= steps; step++) {
        await wait(stepMs, undefined, { signal })
        if (progressToken !== undefined) {
          await notify({
            method: 'notifications/progress',
            params: { progressToken, progress: step, total: steps, message: `${steps - step} to go` },
          })
        }
      }
      return { content: [text('Lift-off.')], structuredContent: { steps, elapsedMs: Math.round(performance.now() - startedAt) } }
    },
  )
}

serveStdio(createServer, { legacy: 'reject', onerror: (error) => console.error(error.message) })
