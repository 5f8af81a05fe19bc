import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a TCP server that can be cut and mended. */
export interface CutProxy {
  readonly port: number
  /** Breaks every connection and refuses new ones, as a stopped server does. */
  cut(): void
  /** Lets connections stand and carries nothing any more, as a network that swallows packets does. */
  silence(): void
  mend(): Promise<void>
  close(): void
}

export async function startCutProxy(target: { readonly host: string; readonly port: number }): Promise<CutProxy> {
  const sockets = new Set<Socket>()
  let isSilent = false
  const server = createServer((near) => {
    const far = connect(target)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      // prettier-ignore
      sockets.add(from)
      from.on('data', (bytes) => void (!isSilent && to.write(bytes)))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const listen = async (port: number): Promise<number> => {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const port = await listen(0)
  return {
    port,
    cut() {
      server.close()
      breakAll()
    },
    silence: () => void (isSilent = true),
    async mend() {
      // What was lost in between cannot be made up for.
      if (isSilent) breakAll()
      isSilent = false
      if (!server.listening) await listen(port)
    },
    close() {
      if (server.listening) server.close()
      breakAll()
    },
  }
}
