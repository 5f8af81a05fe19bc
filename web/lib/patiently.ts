import { send } from './api.ts'

const AGAIN_MS = 2_000

/**
 * Loads a part of the console and outlasts a restart of the server: while nobody answers it waits instead of failing,
 * because a page that was reloaded then would be gone, with all that was typed into it. Rejects when the server answers
 * and has no such part, as after an update.
 */
export function patiently<Part>(load: () => Promise<Part>, isThere = answers, againMs = AGAIN_MS): () => Promise<Part> {
  return async () => {
    for (let wasSilent = false; ;) {
      try {
        return await load()
      } catch (error) {
        const isUp = await isThere()
        if (isUp && !wasSilent) throw error
        wasSilent = !isUp
        await new Promise((resolve) => setTimeout(resolve, againMs))
      }
    }
  }
}

/** Whether the server is there at all. */
export const answers = (): Promise<boolean> =>
  send('/healthz', { headers: {}, cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )
