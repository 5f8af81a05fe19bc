import { LIMITS } from '#std/index.ts'
import { createControlPlane } from './control-plane.ts'
import type { Core } from './core.ts'
import { createDataPlane, openDoor, type Planes } from './data-plane.ts'
import { feedGauges } from './gauges.ts'
import type { Hooks, Started } from './serve.ts'

/** Both planes in this process: the default. */
export async function startInOneProcess(core: Core, hooks: Hooks, startedAtMs: number): Promise<Started> {
  const { settings } = core.loaded
  const planes: Planes = { gateway: null, control: null }
  const publicUrlGiven = core.loaded.origins.publicUrl === 'default' ? null : settings.publicUrl
  const edge = await openDoor(settings, publicUrlGiven, planes)
  const publicUrl = publicUrlGiven ?? `http://127.0.0.1:${edge.port}`
  const plane = createDataPlane({
    settings,
    publicUrl,
    nodeId: core.nodeId,
    sessionKey: core.vault.deriveKey('session'),
    snapshots: core.snapshots,
    runtime: core.runtime,
    metrics: core.metrics,
    log: core.log,
    now: core.now,
    cancelBus: { publish: () => {}, subscribe: () => {} },
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
    async close() {
      plane.gateway.close()
      await edge.close(LIMITS.stopGraceMs)
      await plane.close()
    },
  }
}
