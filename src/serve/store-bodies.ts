import type { RecordedBodies } from '#gateway/index.ts'
import { redactKnown } from '#guard/index.ts'
import type { Core } from './core.ts'
import { knownSecrets } from './secret-bundle.ts'

/** Stores what a worker has recorded; answers with why it could not, or null. Never rejects. */
export async function storeBodies(
  core: Pick<Core, 'bodies' | 'snapshots' | 'openSecret' | 'log'>,
  batch: readonly RecordedBodies[],
): Promise<string | null> {
  try {
    const { deployments } = core.snapshots.current()
    const cleaned = batch.map((bodies) => {
      const { tenant, deployment: name } = bodies
      const process = deployments.find((record) => record.tenant === tenant && record.name === name && record.spec.kind === 'process')
      // A worker does not get to know the secrets of processes, so it could not take them out.
      return withoutSecrets(bodies, knownSecrets(process, core.openSecret))
    })
    await core.bodies.keep(cleaned)
    return null
  } catch (error) {
    core.log.warn({ err: error }, 'bodies of calls were not kept')
    return 'the process with the database did not store them'
  }
}

function withoutSecrets(bodies: RecordedBodies, secrets: readonly string[]): RecordedBodies {
  if (secrets.length === 0) return bodies
  let { redactions } = bodies
  const cleaned = (body: RecordedBodies['result']): RecordedBodies['result'] => {
    if (body === null) return null
    const found = redactKnown(body.text, secrets)
    redactions += found.redactions
    return { ...body, text: found.text }
  }
  const [given, result] = [cleaned(bodies.arguments), cleaned(bodies.result)]
  return { ...bodies, arguments: given, result, redactions }
}
