/** Node's parser names the same faults so; what reads errors need not know which parser spoke. */
export type ProtocolFault =
  | 'HPE_INVALID_CONSTANT'
  | 'HPE_INVALID_STATUS'
  | 'HPE_INVALID_HEADER_TOKEN'
  | 'HPE_INVALID_CONTENT_LENGTH'
  | 'HPE_INVALID_TRANSFER_ENCODING'
  | 'HPE_INVALID_CHUNK_SIZE'
  | 'HPE_UNEXPECTED_SPACE'
  | 'HPE_HEADER_OVERFLOW'
  | 'HPE_CHUNK_EXTENSIONS_OVERFLOW'

/** The other side does not speak HTTP/1.1 as it must. The text never repeats what was received: it ends up in a log. */
export class ProtocolError extends Error {
  readonly code: ProtocolFault

  constructor(code: ProtocolFault, text: string) {
    super(text)
    this.name = 'ProtocolError'
    this.code = code
  }
}
