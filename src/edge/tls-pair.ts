import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync, statSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { LIMITS, Problem } from '#std/index.ts'

/** Where certificate (with its chain) and private key stand, as PEM. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** A certificate and the key that belongs to it, checked. */
export interface TlsPair {
  readonly cert: Buffer
  readonly key: Buffer
  /** Who it names, for the log. */
  readonly subject: string
  readonly expiresAtMs: number
}

/** What every TLS context of ours has: nothing older than 1.3 is spoken (R32). */
export const TLS_VERSIONS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const

/** Reads and checks the pair. Throws `invalid-input` that names the file, says what is wrong with it and what mends it. */
export function readTlsPair({ cert: certPath, key: keyPath }: TlsFiles, nowMs: number): TlsPair {
  const cert = readPem(certPath, 'SALLYPORT_TLS_CERT')
  const key = readPem(keyPath, 'SALLYPORT_TLS_KEY')
  const certificate = parseCertificate(cert, certPath)
  if (!certificate.checkPrivateKey(parseKey(key, keyPath))) {
    throw unusable(`The key in ${keyPath} is not the key of the certificate in ${certPath}.`, 'Name the two files that were made together.')
  }
  const startsAtMs = Date.parse(certificate.validFrom)
  const expiresAtMs = Date.parse(certificate.validTo)
  if (nowMs >= expiresAtMs) throw unusable(`The certificate in ${certPath} has expired: ${certificate.validTo}.`, 'Renew it.')
  if (nowMs < startsAtMs) {
    throw unusable(
      `The certificate in ${certPath} is not valid before ${certificate.validFrom}.`,
      'Set the clock of this machine, or name another certificate.',
    )
  }
  try {
    createSecureContext({ ...TLS_VERSIONS, cert, key })
  } catch (error) {
    throw unusable(`TLS cannot be served with ${certPath} and ${keyPath}: ${(error as Error).message}.`, 'Name another pair.', error)
  }
  return { cert, key, subject: nameOf(certificate), expiresAtMs }
}

/**
 * Reads the pair again when one of the files has changed and then stood still. Files are looked at by their time and not
 * by events, because whoever renews a certificate replaces links, folders or mounts. Returns the way to stop.
 */
export function watchTlsPair(files: TlsFiles, now: () => number, onPair: (pair: TlsPair) => void, onFault: (fault: Problem) => void) {
  let timer: NodeJS.Timeout | undefined
  const read = (): void => {
    let pair
    try {
      pair = readTlsPair(files, now())
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return onFault(error)
    }
    onPair(pair)
  }
  const settle = (): void => {
    clearTimeout(timer)
    timer = setTimeout(read, LIMITS.tlsSettleMs)
    timer.unref()
  }
  const paths = [...new Set([files.cert, files.key])]
  for (const path of paths) watchFile(path, { persistent: false, interval: LIMITS.tlsLookMs }, settle)
  return (): void => {
    clearTimeout(timer)
    for (const path of paths) unwatchFile(path, settle)
  }
}

function readPem(path: string, setting: string): Buffer {
  try {
    if (statSync(path).size <= LIMITS.tlsFileBytesMax) return readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'it is not there' : code === 'EACCES' ? 'this user may not read it' : (code ?? (error as Error).message)
    throw unusable(`${setting}=${path} cannot be read: ${why}.`, `Name a PEM file that this server may read in ${setting}.`, error)
  }
  throw unusable(`${setting}=${path} is larger than ${LIMITS.tlsFileBytesMax} bytes.`, `Name a PEM file in ${setting}.`)
}

function parseCertificate(cert: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(cert)
  } catch (error) {
    throw unusable(
      `${path} holds no certificate.`,
      'SALLYPORT_TLS_CERT names a PEM file that begins with -----BEGIN CERTIFICATE-----.',
      error,
    )
  }
}

function parseKey(key: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(key)
  } catch (error) {
    // Nobody is there who could type the password in when the server starts.
    if (key.includes('ENCRYPTED'))
      throw unusable(`The key in ${path} is encrypted.`, `Write it without: openssl pkey -in ${path} -out KEY`, error)
    throw unusable(
      `${path} holds no private key.`,
      'SALLYPORT_TLS_KEY names a PEM file that begins with -----BEGIN PRIVATE KEY-----.',
      error,
    )
  }
}

const nameOf = ({ subjectAltName, subject }: X509Certificate): string => (subjectAltName ?? subject ?? '').replaceAll('\n', ', ')

function unusable(detail: string, remedy: string, cause?: unknown): Problem {
  return new Problem('invalid-input', detail, { remedy, ...(cause === undefined ? {} : { cause }) })
}
