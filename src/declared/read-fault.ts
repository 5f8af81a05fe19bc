const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by the user of the server',
  EISDIR: 'is a folder',
}

/** Why a file could not be read, to be put behind its name. */
export function readFault(error: unknown): string {
  const { code = 'unknown reason' } = error as NodeJS.ErrnoException
  return WORDS[code] ?? `cannot be read (${code})`
}
