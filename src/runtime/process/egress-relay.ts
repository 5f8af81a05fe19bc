// Runs inside a sandbox whose network namespace is empty: listens where HTTP clients expect a proxy, passes each
// connection to the egress proxy's unix socket, and starts the real command with our standard streams.
// `node egress-relay.ts COMMAND [ARG...]`
import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'

const LISTEN_PORT = 3128
const SOCKET = '/sallyport/egress/proxy.sock'
const CONNECTIONS_MAX = 64
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

const [command = '', ...args] = process.argv.slice(2)

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path: SOCKET, allowHalfOpen: true })
  inside.on('error', () => outside.destroy())
  outside.on('error', () => inside.destroy())
  inside.pipe(outside)
  outside.pipe(inside)
})
server.maxConnections = CONNECTIONS_MAX
server.listen(LISTEN_PORT, '127.0.0.1', () => {
  const child = spawn(command, args, { stdio: 'inherit' })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(127)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const one of SIGNALS) process.removeAllListeners(one)
    process.kill(process.pid, signal)
  })
})
