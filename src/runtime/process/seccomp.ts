import { DENIED_SYSCALLS, EXAMINED_SYSCALLS } from './syscalls.ts'

/** Architectures for which a filter can be written. */
export type FilterArchitecture = 'x64' | 'arm64'

export function isFilterArchitecture(arch: string): arch is FilterArchitecture {
  return arch === 'x64' || arch === 'arm64'
}

interface Instruction {
  readonly code: number
  readonly whenTrue: number
  readonly whenFalse: number
  readonly operand: number
}

// Opcodes of classic BPF (linux/bpf_common.h) and actions of seccomp (linux/seccomp.h).
const LOAD_WORD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_GREATER_OR_EQUAL = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06
const ACTION_ALLOW = 0x7fff0000
const ACTION_KILL_PROCESS = 0x80000000
const ACTION_ERRNO = 0x00050000
const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

/** Offsets into `struct seccomp_data`. */
const NUMBER_AT = 0
const ARCHITECTURE_AT = 4
const FIRST_ARGUMENT_AT = 16

const AUDIT_ARCHITECTURE = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
/** Calls of the x32 ABI carry this bit and would slip past a list of x86-64 numbers. */
const X32_BIT = 0x40000000
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10

const load = (offset: number): Instruction => ({ code: LOAD_WORD, whenTrue: 0, whenFalse: 0, operand: offset })
const answer = (action: number): Instruction => ({ code: RETURN, whenTrue: 0, whenFalse: 0, operand: action })
const refuse = (errno: number): Instruction => answer(ACTION_ERRNO | errno)
/** Jumps count the instructions to skip. */
const jump = (code: number, operand: number, whenTrue: number, whenFalse: number): Instruction => ({ code, whenTrue, whenFalse, operand })
const unless = (code: number, operand: number, skip: number): Instruction => jump(code, operand, 0, skip)

/**
 * A seccomp filter for `bwrap --seccomp`: refuses the calls of `DENIED_SYSCALLS`, new namespaces, and sockets of other
 * families than unix, IPv4 and IPv6; kills on a foreign architecture. A deny list, because the programs are unknown;
 * the namespaces and the empty root are the first wall, this is the second.
 */
export function seccompFilter(arch: FilterArchitecture): Buffer {
  const program: Instruction[] = [
    load(ARCHITECTURE_AT),
    jump(JUMP_EQUAL, AUDIT_ARCHITECTURE[arch], 1, 0),
    answer(ACTION_KILL_PROCESS),
    load(NUMBER_AT),
    ...(arch === 'x64' ? [unless(JUMP_GREATER_OR_EQUAL, X32_BIT, 1), refuse(EPERM)] : []),
    // With ENOSYS the C library falls back to clone, whose flags can be seen.
    unless(JUMP_EQUAL, EXAMINED_SYSCALLS.clone3[arch], 1),
    refuse(ENOSYS),
    unless(JUMP_EQUAL, EXAMINED_SYSCALLS.clone[arch], 4),
    load(FIRST_ARGUMENT_AT),
    unless(JUMP_ANY_BIT, CLONE_NAMESPACES, 1),
    refuse(EPERM),
    answer(ACTION_ALLOW),
    unless(JUMP_EQUAL, EXAMINED_SYSCALLS.socket[arch], 6),
    load(FIRST_ARGUMENT_AT),
    jump(JUMP_EQUAL, AF_UNIX, 3, 0),
    jump(JUMP_EQUAL, AF_INET, 2, 0),
    jump(JUMP_EQUAL, AF_INET6, 1, 0),
    refuse(EAFNOSUPPORT),
    answer(ACTION_ALLOW),
  ]
  for (const numbers of Object.values(DENIED_SYSCALLS)) {
    const number = numbers[arch]
    if (number !== null) program.push(unless(JUMP_EQUAL, number, 1), refuse(EPERM))
  }
  program.push(answer(ACTION_ALLOW))
  return assemble(program)
}

/** `struct sock_filter`: u16 code, u8 jump if true, u8 jump if false, u32 operand; little-endian on both architectures. */
function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach((instruction, index) => {
    bytes.writeUInt16LE(instruction.code, index * 8)
    bytes.writeUInt8(instruction.whenTrue, index * 8 + 2)
    bytes.writeUInt8(instruction.whenFalse, index * 8 + 3)
    bytes.writeUInt32LE(instruction.operand >>> 0, index * 8 + 4)
  })
  return bytes
}
