// The plainest load balancer there is: each request goes to the next node, whoever sends it.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RoundRobin {
  readonly url: string
  /** How many requests each node got. */
  readonly counts: readonly number[]
  close(): void
}

export async function startRoundRobin(nodes: readonly string[]): Promise<RoundRobin> {
  const counts = nodes.map(() => 0)
  let next = 0
  const server = createServer((inbound, response) => {
    const index = next++ % nodes.length
    counts[index]! += 1
    const { host } = new URL(nodes[index]!)
    const headers = { ...inbound.headers, host }
    const outbound = request(nodes[index]! + (inbound.url ?? ''), { method: inbound.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      response.flushHeaders()
      answer.pipe(response)
    })
    outbound.on('error', () => response.destroy())
    response.on('close', () => outbound.destroy())
    inbound.pipe(outbound)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    counts,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
