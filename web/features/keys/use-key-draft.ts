import { useEffect, useState } from 'react'
import type { ApiInput } from '@/lib/api.ts'
import { type Expiry, expiresAtOf, expiryFault } from './expiry.ts'
import { PRESETS, type Scope } from './key-model.ts'

const NOTHING = {
  name: '',
  scopes: PRESETS.call.scopes,
  isEverywhere: true,
  endpoints: [] as readonly string[],
  tools: [] as readonly string[],
  expiry: '90' as Expiry,
  date: '',
}

export type Draft = typeof NOTHING & { readonly scopes: readonly Scope[] }
export type Faults = Readonly<Partial<Record<'name' | 'scopes' | 'endpoints' | 'date', string>>>

/** What stands in the form of a new key; begins anew each time it opens. */
export function useKeyDraft(isOpen: boolean) {
  const [draft, setDraft] = useState<Draft>(NOTHING)
  const [isTouched, setIsTouched] = useState(false)
  useEffect(() => {
    if (!isOpen) return
    setDraft(NOTHING)
    setIsTouched(false)
  }, [isOpen])
  return {
    draft,
    isTouched,
    touch: () => setIsTouched(true),
    change: (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })),
  }
}

export function faultsOf(draft: Draft, nowMs: number): Faults {
  const date = expiryFault(draft.expiry, draft.date, nowMs)
  return {
    ...(draft.name.trim() === '' ? { name: 'Say what the key is for, such as the client or the script that will use it.' } : {}),
    ...(draft.scopes.length === 0 ? { scopes: 'Choose at least one: a key without a scope can do nothing.' } : {}),
    ...(isRestricted(draft) && !draft.isEverywhere && draft.endpoints.length === 0
      ? { endpoints: 'Choose at least one endpoint, or allow all of them.' }
      : {}),
    ...(date === null ? {} : { date }),
  }
}

/** A key with the scope admin could lift any restriction, so it takes none. */
export const isRestricted = ({ scopes }: Pick<Draft, 'scopes'>): boolean => !scopes.includes('admin')

export function inputOf(draft: Draft, nowMs: number): ApiInput<'createKey'> {
  const { name, scopes, endpoints, tools, isEverywhere, expiry, date } = draft
  return {
    body: {
      name: name.trim(),
      scopes: [...scopes],
      endpoints: isEverywhere || !isRestricted(draft) ? null : [...endpoints],
      tools: tools.length === 0 || !isRestricted(draft) ? null : [...tools],
      expiresAt: expiresAtOf(expiry, date, nowMs),
    },
  }
}
