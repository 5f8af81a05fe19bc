import { describe, expect, it } from 'vitest'
import { type FilterArchitecture, seccompFilter } from './seccomp.ts'
import { DENIED_SYSCALLS, EXAMINED_SYSCALLS } from './syscalls.ts'

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
const ALLOW = 0x7fff0000
const KILL = 0x80000000
const EPERM = 0x00050001
const CLONE_NEWUSER = 0x10000000

/** Runs a filter as the kernel would: the verdict for one call. */
function verdict(filter: Buffer, architecture: number, number: number, argument = 0): number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number >>> 0, 0)
  data.writeUInt32LE(architecture, 4)
  data.writeUInt32LE(argument >>> 0, 16)
  let accumulator = 0
  for (let at = 0; ; at++) {
    const code = filter.readUInt16LE(at * 8)
    const operand = filter.readUInt32LE(at * 8 + 4)
    if (code === 0x20) accumulator = data.readUInt32LE(operand)
    else if (code === 0x06) return operand
    else {
      const isTrue = code === 0x15 ? accumulator === operand : code === 0x35 ? accumulator >= operand : (accumulator & operand) !== 0
      at += filter.readUInt8(at * 8 + (isTrue ? 2 : 3))
    }
  }
}

describe.each(['x64', 'arm64'] as const satisfies FilterArchitecture[])('the system-call filter for %s', (arch) => {
  const filter = seccompFilter(arch)
  const decide = (number: number, argument = 0): number => verdict(filter, AUDIT[arch], number, argument)

  it('refuses every call of the table', () => {
    const numbers = Object.values(DENIED_SYSCALLS).flatMap((numbersOf) => numbersOf[arch] ?? [])
    expect(numbers.length).toBeGreaterThan(45)
    expect(numbers.filter((number) => decide(number) !== EPERM)).toEqual([])
  })

  it('lets ordinary calls pass', () => {
    const { read, write, execve, futex } = {
      x64: { read: 0, write: 1, execve: 59, futex: 202 },
      arm64: { read: 63, write: 64, execve: 221, futex: 98 },
    }[arch]
    for (const number of [read, write, execve, futex]) expect(decide(number)).toBe(ALLOW)
  })

  it('allows threads and processes, but no new namespace', () => {
    const { clone, clone3 } = EXAMINED_SYSCALLS
    expect(decide(clone[arch], 0x003d0f00)).toBe(ALLOW)
    expect(decide(clone[arch], CLONE_NEWUSER | 17)).toBe(EPERM)
    expect(decide(clone3[arch])).toBe(0x00050000 | 38)
  })

  it('allows unix, IPv4 and IPv6 sockets and no other', () => {
    const number = EXAMINED_SYSCALLS.socket[arch]
    expect([1, 2, 10].map((family) => decide(number, family))).toEqual([ALLOW, ALLOW, ALLOW])
    expect([0, 16, 17, 38, 40].filter((family) => decide(number, family) === ALLOW)).toEqual([])
  })

  it('kills what calls with another architecture', () => {
    expect(verdict(filter, 0x40000003, 11)).toBe(KILL)
    expect(verdict(filter, AUDIT[arch === 'x64' ? 'arm64' : 'x64'], 1)).toBe(KILL)
  })
})

it('the filter for x64 refuses the x32 numbers', () => {
  expect(verdict(seccompFilter('x64'), AUDIT.x64, 0x40000000 | 1)).toBe(EPERM)
})
