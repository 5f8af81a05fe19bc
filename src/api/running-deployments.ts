import type { LogLine } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { deploymentView } from './deployment-view.ts'
import type { ApiDeps } from './deps.ts'
import { acceptsEvents, createQueue, type StreamEvent } from './event-stream.ts'
import type { Handlers } from './handler.ts'
import { refreshedSpec } from './launch-input.ts'
import { timeText } from './pages.ts'
import { knownDeployment } from './records.ts'

/** What deployments do while they run. */
export function runningHandlers(deps: ApiDeps): Handlers<'restartDeployment' | 'listDeploymentLogs' | 'listDeploymentTools'> {
  return {
    async restartDeployment({ caller, params }) {
      const record = knownDeployment(deps, caller.tenant, params.name)
      if (record.approvedDigest !== record.digest) {
        throw new Problem('approval-needed', `What ${record.name} would start was not approved.`, {
          remedy: `sallyport deployment approve ${record.name}`,
        })
      }
      const changed = record.origin.kind === 'api' ? await refreshedSpec(deps, record.spec) : null
      if (changed !== null) {
        // A document that has changed is another specification: it waits for its approval.
        const waiting = await deps.deployments.update(caller.tenant, record.name, { spec: changed })
        await deps.publisher.changed()
        return deploymentView(deps, waiting)
      }
      deps.runtime.restart(caller.tenant, record.name)
      return deploymentView(deps, record)
    },

    async listDeploymentLogs({ caller, params, query, accept, stream }) {
      const { tenant, name } = knownDeployment(deps, caller.tenant, params.name)
      if (!query.follow || !acceptsEvents(accept)) return { items: deps.runtime.logs(tenant, name).map(lineView), nextCursor: null }
      const queue = createQueue<StreamEvent>(LIMITS.logLinesPerInstanceMax)
      const push = (line: LogLine): void => queue.push({ event: 'log', data: lineView(line) })
      for (const line of deps.runtime.logs(tenant, name)) push(line)
      const forget = deps.runtime.onLog((ofTenant, ofName, line) => {
        if (ofTenant === tenant && ofName === name) push(line)
      })
      return stream(queue.items, () => {
        forget()
        queue.close()
      })
    },

    async listDeploymentTools({ caller, params }) {
      const { tenant, name } = knownDeployment(deps, caller.tenant, params.name)
      return { items: [...(await deps.listTools(tenant, name))], nextCursor: null }
    },
  }
}

const lineView = ({ atMs, text }: LogLine) => ({ at: timeText(atMs), text })
