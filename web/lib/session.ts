// Half of the credential lies in a cookie that scripts cannot read; this half lies in the storage of this very origin,
// port included. Either alone is worth nothing.
const KEY = 'sallyport.proof'

type Listener = () => void
const listeners = new Set<Listener>()
const changed = (): void => listeners.forEach((listener) => listener())

// Another tab signed in or out.
window.addEventListener('storage', (event) => {
  if (event.key === KEY || event.key === null) changed()
})

export const session = {
  proof: (): string | null => localStorage.getItem(KEY),
  begin(proof: string): void {
    localStorage.setItem(KEY, proof)
    changed()
  },
  end(): void {
    localStorage.removeItem(KEY)
    changed()
  },
  /** For `useSyncExternalStore`. */
  subscribe: (listener: Listener): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

/** The header that shows this page's half. */
export function sessionHeaders(): Record<string, string> {
  const proof = session.proof()
  return proof === null ? {} : { 'sallyport-proof': proof }
}
