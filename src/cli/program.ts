import type { Readable, Writable } from 'node:stream'
import type { LoadedSettings, Settings } from '#config.ts'
import type { Clock } from '#std/index.ts'

type TerminalStream<Stream> = Stream & { readonly isTTY?: boolean; readonly columns?: number }

/** What the composition root lends the command line: the process it runs in, and the two things done without a server. */
export interface Program {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Home folder of the user. */
  readonly home: string
  readonly platform: NodeJS.Platform
  readonly now: Clock
  readonly stdin: TerminalStream<Readable>
  readonly stdout: TerminalStream<Writable>
  readonly stderr: TerminalStream<Writable>
  /** All settings for a client, the declared file's `settings` included. `flags` has flag names without dashes. Throws `SettingError`. */
  settings(flags: Readonly<Record<string, string | undefined>>): LoadedSettings | Promise<LoadedSettings>
  /** Runs the server until it is told to stop; resolves to the exit code. */
  serve(flags: Readonly<Record<string, string | undefined>>): Promise<number>
  /** Makes a fresh one-time owner link on the machine that holds the data folder, whether the server runs or not. */
  ownerLink(flags: Readonly<Record<string, string | undefined>>): Promise<{ readonly url: string; readonly expiresAtMs: number }>
  /** Looks at this machine without a running server, for `sallyport doctor`. */
  readonly probes: {
    /** The isolation level that processes get here. */
    isolation(): Promise<Health>
    /** Opens the database of these settings read-only and asks it something. */
    database(settings: Settings): Promise<Health>
    /** Reads and checks the declared file without applying it. */
    declaredFile(path: string): Promise<Health>
  }
}

/** The state of one thing, in the words of the API's overview. */
export interface Health {
  readonly status: 'ok' | 'warning' | 'failed'
  readonly detail: string
  readonly remedy?: string
}
