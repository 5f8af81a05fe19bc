import { rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { LoadedSettings } from '#config.ts'
import { LIMITS } from '#std/index.ts'
import { createLogger, type Log } from '#telemetry/index.ts'
import { bannerText } from './banner.ts'
import { openCore, type Core } from './core.ts'
import { assertMayListen, drainTimesOf } from './listening.ts'
import { startInOneProcess } from './one-process.ts'
import { startWithWorkers } from './with-workers.ts'

export interface ServeOptions {
  readonly loaded: LoadedSettings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly rootFolder: string
  readonly now: () => number
  readonly stdout: NodeJS.WritableStream
  /** Aborts when the program is told to stop. */
  readonly stop: AbortSignal
}

/** The data plane as started: where it listens and how it ends. */
export interface Started {
  readonly publicUrl: string
  /** From now on /readyz says no; everything else is answered as before. */
  announceStop(): void
  /** Takes nothing new, tells streams to end, waits so long for calls under way, and resolves when all is put away. */
  close(drainMs: number): Promise<void>
}

export interface Hooks {
  onDrained(file: string, offset: number): void
  onPublish: Parameters<typeof openCore>[0]['onPublish']
  onConfirm(confirmedAtMs: number): void
}

/** Runs the server until `stop` aborts. Rejects with a `Problem` when it cannot start. */
export async function serve(options: ServeOptions): Promise<void> {
  const { loaded, now } = options
  const { settings } = loaded
  const startedAtMs = now()
  const log = createLogger({ level: settings.log, secrets: [settings.ownerKey, settings.metricsToken] })
  const hooks: Hooks = { onDrained: () => {}, onPublish: () => {}, onConfirm: () => {} }
  const core = await openCore({
    loaded,
    env: options.env,
    rootFolder: options.rootFolder,
    nodeId: nodeName(),
    log,
    now,
    onDrained: (file, offset) => hooks.onDrained(file, offset),
    onPublish: (snapshot, confirmedAtMs, secrets) => hooks.onPublish(snapshot, confirmedAtMs, secrets),
    onConfirm: (confirmedAtMs) => hooks.onConfirm(confirmedAtMs),
  })
  const hasOwner = settings.ownerKey !== undefined || (await core.identity.hasOwner())
  let started: Started
  try {
    assertMayListen(loaded, hasOwner)
    await core.publisher.start()
    started = await (settings.workers === 1 ? startInOneProcess(core, hooks, startedAtMs) : startWithWorkers(core, hooks, startedAtMs))
  } catch (error) {
    await core.close()
    throw error
  }
  const stopWatching = core.declared.watch(
    async () => void (await core.publisher.changed()),
    (error) => log.error({ err: error }, 'the declared file was not taken over; the last good one stays'),
  )
  const place = join(settings.dataDir, 'server.json')
  writeFileSync(place, JSON.stringify({ url: started.publicUrl, pid: process.pid }), { mode: 0o600 })
  await greet(options, core, started.publicUrl, hasOwner)
  await stopped(options.stop)
  const { noticeMs, drainMs } = drainTimesOf(settings)
  log.info({ noticeMs, drainMs }, 'stopping')
  started.announceStop()
  await pause(noticeMs)
  stopWatching()
  rmSync(place, { force: true })
  await withGrace(started.close(drainMs), drainMs + LIMITS.drainGraceMs, log)
  await withGrace(core.close(), LIMITS.drainGraceMs, log)
}

async function greet({ loaded, stdout }: ServeOptions, core: Core, publicUrl: string, hasOwner: boolean): Promise<void> {
  const ownerLink = hasOwner ? null : `${publicUrl}/welcome?token=${await core.identity.createOwnerLink()}`
  const set = core.declared.current()
  const warnings = [
    ...(set?.warnings ?? []).map((finding) => `${finding.place}: ${finding.message}`),
    ...(set?.missingInputs ?? []).map(
      (input) =>
        `${input.deployments.join(', ')} ${input.deployments.length === 1 ? 'waits' : 'wait'} for the input ${input.id}: sallyport secret set input/${input.id}`,
    ),
  ]
  stdout.write(bannerText({ publicUrl, dataDir: loaded.settings.dataDir, ownerLink, warnings }))
}

/** Names this node in spool files and the table of nodes. */
function nodeName(): string {
  return (
    hostname()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 40) || 'node'
  )
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

const pause = (ms: number): Promise<void> => (ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms)))

async function withGrace(work: Promise<void>, graceMs: number, log: Log): Promise<void> {
  const { promise: expired, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, graceMs)
  await Promise.race([work.catch((error: unknown) => log.warn({ err: error }, 'a part did not stop cleanly')), expired])
  clearTimeout(timer)
}
