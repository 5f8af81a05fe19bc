import type { ResponseOf } from '#api/contract.ts'
import { inert } from './inert.ts'
import type { Terminal } from './terminal.ts'

/** Says which keys a removal took the name from: their owners will ask. */
export function sayNarrowedKeys(terminal: Pick<Terminal, 'say' | 'tint'>, { keys }: ResponseOf<'deleteProfile'>): void {
  for (const { id, name, isRevoked } of keys)
    terminal.say(
      `${terminal.tint('yellow', '!')} The key ${inert(name)} (${inert(id)}) ${isRevoked ? 'was for nothing else and is revoked' : 'may not use this name any more'}`,
    )
}
