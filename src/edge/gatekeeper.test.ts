import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createGatekeeper } from './gatekeeper.ts'

const gatekeeper = createGatekeeper({ publicUrl: 'https://gate.example', port: 8080, isTls: false })
const common = [
  'Host',
  'gate.example',
  'Accept',
  'a',
  'Cookie',
  'b',
  'Authorization',
  'Bearer c',
  'Content-Type',
  'd',
  'Sallyport-Proof',
  'e',
]
const check = (...rawHeaders: string[]): void =>
  gatekeeper.check({ url: '/mcp', rawHeaders, headers: { host: 'gate.example' } } as unknown as IncomingMessage, null)

describe('a request', () => {
  it('may have headers with names of one length, and others twice', () => {
    expect(() => check(...common, 'Accept', 'f', 'Cookie', 'g', 'X-Auth-Bearer', 'h', 'Via2', 'i')).not.toThrow()
  })

  it.each(['Host', 'hOST', 'authorization', 'CONTENT-TYPE', 'sallyport-proof'])('may not have %s twice, wherever it stands', (name) => {
    const refused = expect.objectContaining({ type: 'invalid-request' }) as Error
    expect(() => check(...common, name, 'x')).toThrow(refused)
    expect(() => check(name, 'x', ...common)).toThrow(refused)
    expect(() => check(name, 'x', 'X-Long-Name-Of-A-Header', 'y', ...common)).toThrow(refused)
  })

  it('may not have two origins, also behind headers whose names are as long', () => {
    expect(() => check(...common, 'Origin', 'https://gate.example')).not.toThrow()
    expect(() => check(...common, 'Origin', 'https://gate.example', 'origin', 'https://gate.example')).toThrow(
      expect.objectContaining({ type: 'invalid-request' }) as Error,
    )
  })
})
