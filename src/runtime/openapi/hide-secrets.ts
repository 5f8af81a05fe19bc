/** Shorter ones are words; to take them out would hide more than it protects. */
const LENGTH_MIN = 6
const HIDDEN = '…'

/** Makes the function that takes these secrets out of a text, as they are and as JSON, URLs and the header of a password write them. */
export function hideSecrets(secrets: readonly string[]): (text: string) => string {
  const spellings = [...new Set(secrets.flatMap(spellingsOf))]
    .filter((one) => one.length >= LENGTH_MIN)
    .toSorted((one, other) => other.length - one.length)
  if (spellings.length === 0) return (text) => text
  return (text) => spellings.reduce((rest, spelling) => rest.replaceAll(spelling, HIDDEN), text)
}

function spellingsOf(secret: string): string[] {
  const parts = [secret, secret.replace(/^(?:bearer|basic) /i, ''), secret.slice(secret.indexOf(':') + 1)]
  return parts.flatMap((part) => {
    const encoded = encodeURIComponent(part.toWellFormed())
    return [part, JSON.stringify(part).slice(1, -1), encoded, encoded.replaceAll('%20', '+'), Buffer.from(part).toString('base64')]
  })
}
