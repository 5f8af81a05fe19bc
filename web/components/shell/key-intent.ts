/** How long after `g` its letter may come. */
const SEQUENCE_MS = 1_200

export type KeyIntent =
  | { readonly kind: 'palette' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'search' }
  | { readonly kind: 'go'; readonly to: string }

export interface PressedKey {
  readonly key: string
  readonly hasCommand: boolean
  readonly hasOther: boolean
  /** In a field, a menu or a dialog, where letters mean themselves. */
  readonly isTaken: boolean
  readonly atMs: number
}

/** Reads keys one after the other; what they mean, or null. */
export function createKeyReader(
  places: readonly { readonly key: string; readonly to: string }[],
): (pressed: PressedKey, areLettersOn: boolean) => KeyIntent | null {
  let goAtMs: number | null = null
  return ({ key, hasCommand, hasOther, isTaken, atMs }, areLettersOn) => {
    const isAfterGo = goAtMs !== null && atMs - goAtMs <= SEQUENCE_MS
    goAtMs = null
    // Shift may come along when Caps Lock is on.
    if (hasCommand) return key.toLowerCase() === 'k' && !hasOther ? { kind: 'palette' } : null
    if (hasOther || isTaken || !areLettersOn) return null
    if (isAfterGo) {
      const place = places.find((each) => each.key === key.toLowerCase())
      if (place !== undefined) return { kind: 'go', to: place.to }
    }
    if (key === '/') return { kind: 'search' }
    if (key === '?') return { kind: 'shortcuts' }
    if (key.toLowerCase() === 'g') goAtMs = atMs
    return null
  }
}
