// A program: what any server in Node pays for this traffic. Parses the call, builds the answer, nothing else.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ANSWER_TEXT } from './messages.ts'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const call = JSON.parse(Buffer.concat(chunks).toString()) as { id: number }
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: call.id,
      result: { resultType: 'complete', content: [{ type: 'text', text: ANSWER_TEXT }] },
    })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())
