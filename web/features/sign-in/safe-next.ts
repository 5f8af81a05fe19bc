const HOME = '/app'
const SIGN_IN = '/app/sign-in'

/**
 * Where to go after signing in: a page of this console, or its first one. An address of somebody else's would send a
 * person who has just typed a key to a page that may ask for it again.
 */
export function safeNext(next: string | undefined, origin: string): string {
  if (next === undefined || !next.startsWith(HOME)) return HOME
  let url: URL
  try {
    url = new URL(next, origin)
  } catch {
    return HOME
  }
  const isOurs = url.origin === origin && (url.pathname === HOME || url.pathname.startsWith(`${HOME}/`))
  if (!isOurs || url.pathname === SIGN_IN) return HOME
  return url.pathname + url.search + url.hash
}
