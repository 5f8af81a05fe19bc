// Plain rules for what an upstream may be given. Each answers with what is wrong, or null; never with the value.

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/
/** Those that the transport sets itself (Streamable HTTP, RFC 9110 §7.6.1). */
const TRANSPORT_HEADERS = new Set(
  'accept accept-encoding connection content-encoding content-length content-type expect host keep-alive last-event-id proxy-authorization te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)

/** RFC 9110 §5: a header's name is a token, its value visible characters on one line. */
export function headerFault(name: string, value: string): string | null {
  const lower = name.toLowerCase()
  if (!HEADER_NAME.test(name)) return `${JSON.stringify(name)} is not a header name`
  if (TRANSPORT_HEADERS.has(lower) || lower.startsWith('mcp-')) return `the header ${name} is set by Sallyport itself`
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value) || !isLatin1(value)
    ? `the value of ${name} holds a line break or a character that no header may hold`
    : null
}

export function variableFault(name: string, value: string): string | null {
  if (!VARIABLE_NAME.test(name)) return `${JSON.stringify(name)} is not a variable name`
  return value.includes('\0') ? `the value of ${name} holds a NUL character` : null
}

/** An upstream's address: http or https, without user and fragment. */
export function urlFault(text: string): string | null {
  const url = URL.parse(text)
  if (url === null) return 'expected an http or https address'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `expected an http or https address, found ${url.protocol}`
  if (url.username !== '' || url.password !== '') return 'the address holds a user name or password; put it into the header Authorization'
  return url.hash === '' ? null : 'the address holds a fragment (#…), which is never sent'
}

/** `host:port`, the host being a name, an address or a name with a leading `*.`. */
export function egressFault(entry: string): string | null {
  const match = /^((?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9a-fA-F:.]{2,45}\]):(\d{1,5})$/.exec(entry)
  const port = Number(match?.[2])
  return match !== null && port >= 1 && port <= 65_535
    ? null
    : `expected host:port, such as api.github.com:443, found ${JSON.stringify(entry.slice(0, 260))}`
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false
  return true
}
