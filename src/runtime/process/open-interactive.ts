import { Problem } from '#std/index.ts'
import type { DeploymentRecord, LogLine, ProcessSpec } from '../model.ts'
import { connectInstance, startProblem } from './connect-instance.ts'
import type { Instance, ProcessHost } from './instance.ts'
import type { OpenInstance } from './interactive-instance.ts'
import { type LaunchHooks, launchDeployment } from './launch-deployment.ts'

export interface InteractiveOpenerOptions extends Pick<LaunchHooks, 'onSecrets' | 'onDenied'> {
  readonly host: ProcessHost
  /** As it is at the moment of a start. */
  readonly deployment: () => DeploymentRecord
  readonly spec: ProcessSpec
  readonly hear: (text: string, instance: Instance) => LogLine
}

/** Starts further processes of a deployment: the same way, contained and logged the same, introduced to more. */
export function interactiveOpener({ host, deployment, spec, onSecrets, onDenied, hear }: InteractiveOpenerOptions): OpenInstance {
  return async ({ capabilities, signal, onRequest, onNotification, onEnded }) => {
    const { name, startDeadlineMs } = deployment()
    const assertWanted = (): void => {
      if (signal.aborted) throw new Problem('upstream-down', `${name} was stopped.`)
    }
    const instance = await launchDeployment(host, deployment(), spec, { onSecrets, onDenied, onProgram: assertWanted })
    const connection = connectInstance({
      name,
      host,
      instance,
      hear: (text) => hear(text, instance),
      onRequest,
      onNotification,
      onGone: () => {},
    })
    const gone = connection.gone.then(async (problem) => {
      await instance.release()
      return problem
    })
    // A failure to give something back is told to whoever stops it.
    gone.catch(() => {})
    const kill = (): void => instance.running.kill()
    signal.addEventListener('abort', kill)
    try {
      assertWanted()
      await connection.introduce({ startDeadlineMs, expectedEra: 'legacy', capabilities })
    } catch (error) {
      kill()
      const problem = await gone
      throw error instanceof Problem ? startProblem(name, startDeadlineMs, error, problem) : error
    } finally {
      signal.removeEventListener('abort', kill)
    }
    connection.gone.then(onEnded).catch(() => {})
    return {
      peer: connection.peer,
      async stop() {
        await instance.running.stop()
        await gone
      },
    }
  }
}
