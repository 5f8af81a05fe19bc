import type { DeploymentRecord, Runtime, Upstream } from '#runtime/index.ts'
import { Problem } from '#std/index.ts'

/** The upstream of a deployment. Throws `upstream-down` when the runtime has none. */
export function requireUpstream(runtime: Runtime, { tenant, name }: DeploymentRecord): Upstream {
  const upstream = runtime.upstream(tenant, name)
  if (upstream === undefined) {
    throw new Problem('upstream-down', `${name} is not running.`, { remedy: `sallyport deployment show ${name}` })
  }
  return upstream
}
