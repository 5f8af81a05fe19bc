/** The transports beside Streamable HTTP, by the last segment of their addresses. */
export type Transport = 'ws' | 'sse' | 'messages'

export interface TransportPath {
  readonly transport: Transport
  /** The address of the endpoint itself. */
  readonly path: string
}

const BESIDE = /^((?:\/t\/[^/]{1,64})?\/mcp(?:\/[^/]{1,64})?)\/(ws|sse|messages)$/

/** What a path names below an endpoint; null for the endpoint itself and everything else. No endpoint may have these names. */
export function transportOf(path: string): TransportPath | null {
  // Nearly every path ends here.
  if (!path.endsWith('s') && !path.endsWith('e')) return null
  const [, endpoint, transport] = BESIDE.exec(path) ?? []
  return endpoint === undefined ? null : { path: endpoint, transport: transport as Transport }
}
