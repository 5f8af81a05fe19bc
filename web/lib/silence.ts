const listeners = new Set<() => void>()

/** That a request found nobody: told by whoever asked, heard by the line above the page. */
export const silence = {
  tell(): void {
    for (const listener of listeners) listener()
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}
