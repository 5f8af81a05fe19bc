/** A request as the socket hands it over: complete, its body read within the limit. Header names are lower-case. */
export interface Inbound {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
  readonly remoteAddress: string
}

/** The way back. Exactly one of `send` and `open` … `end` is used; after the client has gone all of them do nothing. */
export interface Reply {
  /** A complete answer. `headers` is a flat list of names and values. */
  send(status: number, headers: readonly string[], body: Buffer | string): void
  /** Starts a streamed answer. */
  open(status: number, headers: readonly string[]): void
  /** False asks to pause until `onDrain`. */
  write(chunk: Buffer | string): boolean
  end(): void
  onDrain(listener: () => void): void
  /** Called once when the client goes before the answer is complete. */
  onGone(listener: () => void): void
  readonly isGone: boolean
  readonly isOpen: boolean
}

export const STREAM_HEADERS = ['content-type', 'text/event-stream', 'cache-control', 'no-cache', 'x-accel-buffering', 'no'] as const

export const header = (inbound: Pick<Inbound, 'headers'>, name: string): string | undefined => {
  const value = inbound.headers[name]
  return typeof value === 'string' ? value : undefined
}
