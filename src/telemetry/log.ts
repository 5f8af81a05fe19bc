import { Writable } from 'node:stream'
import { type DestinationStream, pino, type Logger as Pino } from 'pino'
import pretty from 'pino-pretty'
import { MASK, maskText, registerSecret } from './mask.ts'
import { type LogFields, safeError, safeFields, safeText } from './safe-fields.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A sentence, with fields before it where there are some. An error goes into the field `err`. */
export interface LogMethod {
  (message: string): void
  (fields: LogFields, message: string): void
}

/**
 * Diagnosis, not evidence: see `audit` for that. Fields are copied by rules (`safe-fields.ts`), then every line is
 * searched for secrets as text (`mask.ts`), so no caller can write one by mistake.
 */
export interface Log {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  readonly fatal: LogMethod
  /** A logger that adds these fields to every line. */
  child(bindings: LogFields): Log
  isEnabled(level: LogLevel): boolean
}

export interface LogOptions {
  readonly level: LogLevel
  /** Where lines go; standard error by default: standard output is for data. */
  readonly stream?: { write(line: string): unknown }
  /** Readable lines instead of JSON; by default where standard error is a terminal. */
  readonly isTerminal?: boolean
  readonly bindings?: LogFields
  /** Live secrets that no line may show, for as long as the process runs; see `registerSecret`. */
  readonly secrets?: readonly (string | undefined)[]
}

/** The second of three nets; what it names, the first one has already left out. */
const HEADER_NAMES = ['authorization', 'cookie', '["set-cookie"]', '["proxy-authorization"]', '["x-api-key"]']
const REDACTED_PATHS = HEADER_NAMES.flatMap((name) => {
  const below = name.startsWith('[') ? name : `.${name}`
  return [name, `*${below}`, `headers${below}`, `*.headers${below}`]
})

/** Writes at once: what is said before a crash must be there after it. */
export function createLogger(options: LogOptions): Log {
  const { level, stream = process.stderr, isTerminal = process.stderr.isTTY, bindings = {}, secrets = [] } = options
  for (const secret of secrets) if (secret !== undefined) registerSecret(secret)
  const destination = isTerminal ? prettyDestination(stream) : stream
  const masking: DestinationStream = { write: (line) => void destination.write(maskText(line)) }
  const settings = {
    level,
    base: safeFields(bindings),
    messageKey: 'msg',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Errors come here as safe copies; pino's own way would flatten their causes.
    serializers: { err: (copy: unknown) => copy },
    redact: { paths: REDACTED_PATHS, censor: MASK },
  }
  return wrap(pino(settings, masking))
}

function prettyDestination(stream: { write(line: string): unknown }): { write(line: string): unknown } {
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      stream.write(chunk.toString())
      done()
    },
  })
  return pretty({
    destination: sink,
    colorize: process.stderr.hasColors?.() ?? false,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    sync: true,
  })
}

function wrap(inner: Pino): Log {
  const method =
    (level: Exclude<LogLevel, 'silent'>): LogMethod =>
    (first: LogFields | string, message?: string) => {
      if (!inner.isLevelEnabled(level)) return
      if (typeof first === 'string') inner[level](safeText(first))
      else inner[level](first instanceof Error ? { err: safeError(first) } : safeFields(first), safeText(message ?? ''))
    }
  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    fatal: method('fatal'),
    child: (bindings) => wrap(inner.child(safeFields(bindings))),
    isEnabled: (level) => inner.isLevelEnabled(level),
  }
}
