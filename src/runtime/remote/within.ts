import { Problem } from '#std/index.ts'

/** What was promised, if it comes within so many milliseconds. Else rejects with `upstream-timeout`; the work goes on. */
export function within<T>(promise: Promise<T>, ms: number, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new Problem('upstream-timeout', `${name} could not be reached in time.`, {
            remedy: 'Look at its status: sallyport deployment list',
          }),
        ),
      Math.max(0, ms),
    )
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
