import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'
import { createLogger } from '#telemetry/index.ts'
import { openEdge, type Edge, type EdgeHandlers, type EdgeInbound, type EdgeOptions } from './edge.ts'
import type { TlsFiles } from './tls-pair.ts'

export interface TestEdge {
  readonly edge: Edge
  /** What the data plane was handed. */
  readonly seen: EdgeInbound[]
  /** Lines of the log. */
  readonly logs: string[]
}

/** An edge on a free port of loopback whose planes answer everything; closed when the test ends. */
export async function openTestEdge(
  options: Partial<Omit<EdgeOptions, 'handlers'>> & { handlers?: Partial<EdgeHandlers> } = {},
): Promise<TestEdge> {
  const seen: EdgeInbound[] = []
  const logs: string[] = []
  const edge = await openEdge({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    publicUrl: null,
    trustedProxy: null,
    bus: null,
    now: Date.now,
    log: createLogger({ level: 'info', isTerminal: false, stream: { write: (line) => logs.push(line) } }),
    ...options,
    handlers: {
      isGatewayPath: (path) => /^\/(?:t\/[^/]+\/)?mcp/.test(path),
      admits: () => true,
      async gateway(inbound, reply) {
        seen.push(inbound)
        reply.send(200, ['content-type', 'application/json'], '{"ok":true}')
      },
      control: (_, response) => response.end('control'),
      ...options.handlers,
    },
  })
  onTestFinished(() => edge.close(100))
  return { edge, seen, logs }
}

export interface TestCertificate extends TlsFiles {
  readonly folder: string
  /** The certificate itself, which is its own authority. */
  readonly ca: string
}

/**
 * Makes a certificate for 127.0.0.1 and localhost with `openssl` and puts it into `folder`, in place of the one there.
 * Skips the test where there is no such program.
 */
export function makeCertificate(ctx: TestContext, folder: string, name = '127.0.0.1'): TestCertificate {
  const made = mkdtempSync(join(folder, 'made-'))
  const [key, cert] = [join(made, 'key.pem'), join(made, 'cert.pem')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:${name}.example`]
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '90', ...subject]
  const { error, status, stderr } = spawnSync('openssl', [...words, '-keyout', key, '-out', cert], { encoding: 'utf8' })
  if (error !== undefined) ctx.skip('there is no openssl here that could make a certificate')
  if (status !== 0) throw new Error(stderr)
  for (const file of ['key.pem', 'cert.pem']) renameSync(join(made, file), join(folder, file))
  return { folder, key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem'), ca: readFileSync(join(folder, 'cert.pem'), 'utf8') }
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-edge-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
