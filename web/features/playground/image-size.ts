/** Kinds of pictures that are only pixels. SVG is a document and not among them. */
const KINDS = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
const BASE64_LENGTH_MAX = 8 * 1024 * 1024
/** A picture of a few bytes can unfold to gigabytes. */
const PIXELS_MAX = 25_000_000

export type Picture =
  | { readonly isShown: true; readonly source: string; readonly width: number; readonly height: number }
  | { readonly isShown: false; readonly reason: string }

/** A picture from a server as an address that may be shown, or why not. */
export function pictureOf(data: unknown, mimeType: unknown): Picture {
  if (typeof mimeType !== 'string' || !KINDS.has(mimeType))
    return { isShown: false, reason: 'Only PNG, JPEG, GIF and WebP pictures are shown.' }
  if (typeof data !== 'string' || data.length > BASE64_LENGTH_MAX)
    return { isShown: false, reason: 'The picture is too large to be shown.' }
  const size = sizeOf(bytesOf(data))
  if (size === null) return { isShown: false, reason: 'The data is no picture of its kind.' }
  if (size[0] * size[1] > PIXELS_MAX)
    return { isShown: false, reason: `The picture has ${size[0]} by ${size[1]} pixels, which are too many to be shown.` }
  return { isShown: true, source: `data:${mimeType};base64,${data}`, width: size[0], height: size[1] }
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

type Size = readonly [width: number, height: number]

/** Width and height from the head of a file; null when it is none of the kinds. */
function sizeOf(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer)
  const word = (from: number, length: number): string => String.fromCharCode(...bytes.subarray(from, from + length))
  if (bytes.length < 24) return null
  if (word(1, 3) === 'PNG') return [view.getUint32(16), view.getUint32(20)]
  if (word(0, 4) === 'GIF8') return [view.getUint16(6, true), view.getUint16(8, true)]
  if (word(0, 4) === 'RIFF' && word(8, 4) === 'WEBP') return webpSize(view, word(12, 4))
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegSize(view) : null
}

function webpSize(view: DataView, kind: string): Size | null {
  if (view.byteLength < 30) return null
  if (kind === 'VP8X') return [1 + (view.getUint32(24, true) & 0xffffff), 1 + (view.getUint32(26, true) >>> 8)]
  if (kind === 'VP8 ') return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff]
  const bits = view.getUint32(21, true)
  return kind === 'VP8L' ? [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)] : null
}

/** Goes from segment to segment until the one that says the size. */
function jpegSize(view: DataView): Size | null {
  for (let at = 2; at + 9 < view.byteLength && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)]
    at += 2 + Math.max(2, view.getUint16(at + 2))
  }
  return null
}
