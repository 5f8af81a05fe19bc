import { ownUrl } from '#edge/index.ts'
import { createControlPlane } from './control-plane.ts'
import type { Core } from './core.ts'
import { eventsOf } from './shared-events.ts'
import { createDataPlane, openDoor, type Planes } from './data-plane.ts'
import { feedGauges } from './gauges.ts'
import type { Hooks, Started } from './serve.ts'
import { openTracing } from './tracing.ts'

/** Both planes in this process: the default. */
export async function startInOneProcess(core: Core, hooks: Hooks, startedAtMs: number): Promise<Started> {
  const { settings } = core.loaded
  const planes: Planes = { gateway: null, control: null, isStopping: false }
  const publicUrlGiven = core.loaded.origins.publicUrl === 'default' ? null : settings.publicUrl
  // Nothing may be waited for between the first request and the planes that answer it.
  const tracer = await openTracing(settings, core.egress, core.log)
  const edge = await openDoor(settings, publicUrlGiven, planes, { bus: null, now: core.now, log: core.log })
  const publicUrl = publicUrlGiven ?? ownUrl(edge.port, settings.tlsCert !== undefined)
  const plane = createDataPlane({
    settings,
    publicUrl,
    nodeId: core.nodeId,
    sessionKey: core.vault.deriveKey('session'),
    snapshots: core.snapshots,
    runtime: core.runtime,
    metrics: core.metrics,
    log: core.log,
    tracer,
    now: core.now,
    bus: core.bus,
    events: eventsOf({ settings, shared: core.shared, log: core.log }),
    onNudge: () => core.drain.nudge(),
    openSecret: core.openSecret,
    storeBodies: (batch) => core.bodies.keep(batch),
  })
  hooks.onDrained = (file, offset) => plane.spool.acknowledge(file, offset)
  planes.gateway = plane.gateway
  planes.control = createControlPlane({
    core,
    publicUrl,
    authenticator: plane.authenticator,
    recorder: plane.spool,
    spoolBytes: () => plane.spool.undrainedBytes(),
    async metricsText() {
      feedGauges(core, {
        inFlight: plane.gateway.inFlight(),
        openStreams: plane.gateway.openStreams(),
        spoolBytes: plane.spool.undrainedBytes(),
      })
      return await core.metrics.render()
    },
    startedAtMs,
  })
  return {
    publicUrl,
    announceStop() {
      planes.isStopping = true
    },
    async close(drainMs) {
      const closed = edge.close(drainMs)
      plane.gateway.close()
      await closed
      await plane.close()
    },
  }
}
