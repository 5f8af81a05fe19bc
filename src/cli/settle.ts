import { setTimeout as sleep } from 'node:timers/promises'
import type { ResponseOf } from '#api/contract.ts'
import { LIMITS } from '#std/index.ts'
import type { ApiClient } from './api-client.ts'
import { refusal } from './failure.ts'
import { count } from './format.ts'
import { inert } from './inert.ts'
import type { Terminal } from './terminal.ts'

type Deployment = ResponseOf<'getDeployment'>

const WORDS: Readonly<Record<string, string>> = {
  installing: 'installing, once',
  starting: 'starting',
  backoff: 'failed, trying again',
  ready: 'ready',
}

/** Tells each change of state until the deployment is ready; throws a refusal with cause and remedy when it is not going to be. */
export async function waitUntilReady(api: ApiClient, name: string, terminal: Terminal): Promise<Deployment> {
  let told = ''
  let remainingMs = LIMITS.installMsMax
  for (;;) {
    const deployment = await api.call('getDeployment', { params: { name } })
    const { status } = deployment
    const state = status?.state ?? 'starting'
    if (state !== told && state !== 'ready') terminal.say(`  ${terminal.tint('dim', '·')} ${WORDS[state] ?? state}`)
    told = state
    if (state === 'ready') return deployment
    if (state === 'failed' || state === 'backoff' || state === 'stopped' || state === 'needs-input' || state === 'waiting-approval') {
      const denied = (status?.denied ?? []).map((entry) => `\nIt asked for ${entry} and was refused.`).join('')
      throw refusal(
        `${name} is not ready: ${state}`,
        `${status?.cause ?? 'No cause is known.'}${denied}`,
        status?.remedy ?? `sallyport deployment logs ${name}`,
      )
    }
    if (remainingMs <= 0) throw refusal(`${name} is still ${state}`, 'It goes on in the background.', `sallyport deployment show ${name}`)
    await sleep(LIMITS.cliPollMs)
    remainingMs -= LIMITS.cliPollMs
  }
}

/** `3 tools, modern era, isolation strong`. */
export function statusLine({ status }: Deployment): string {
  if (status === null) return 'no state is known yet'
  const parts = [
    status.toolCount === null ? null : count(status.toolCount, 'tool'),
    status.era === null ? null : `${status.era} era`,
    status.isolation === null ? null : status.isolation === 'remote' ? 'remote' : `isolation ${status.isolation}`,
  ]
  return inert(parts.filter((part) => part !== null).join(', '))
}
