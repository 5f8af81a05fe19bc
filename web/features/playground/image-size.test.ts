import { describe, expect, it } from 'vitest'
import { pictureOf } from './image-size.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'
const WEBP = 'UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=='
const JPEG = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
  Buffer.alloc(14),
  Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 20, 0, 30, 3]),
  Buffer.alloc(12),
]).toString('base64')

describe('pictureOf', () => {
  it.each([
    ['image/png', PIXEL, 1, 1],
    ['image/gif', GIF, 1, 1],
    ['image/webp', WEBP, 1, 1],
    ['image/jpeg', JPEG, 30, 20],
  ])('reads the size of %s', (kind, data, width, height) =>
    expect(pictureOf(data, kind)).toEqual({ isShown: true, source: `data:${kind};base64,${data}`, width, height }),
  )

  it('shows no documents, no addresses and nothing that is no picture', () => {
    for (const [data, kind] of [
      ['PHN2Zy8+', 'image/svg+xml'],
      ['PGI+', 'text/html'],
      [PIXEL, 'image/png" onload="x'],
      ['https://evil.example/x.png', 'image/png'],
      [Buffer.from('<html>'.repeat(20)).toString('base64'), 'image/png'],
      [5, 'image/png'],
      [PIXEL, null],
    ] as const)
      expect(pictureOf(data, kind).isShown).toBe(false)
  })

  it('does not unfold a picture of too many pixels, or one too large', () => {
    const bomb = Buffer.from(PIXEL, 'base64')
    bomb.writeUInt32BE(60_000, 16)
    bomb.writeUInt32BE(60_000, 20)
    expect(pictureOf(bomb.toString('base64'), 'image/png')).toMatchObject({
      isShown: false,
      reason: expect.stringContaining('60000') as string,
    })
    expect(pictureOf('A'.repeat(9_000_000), 'image/png').isShown).toBe(false)
  })
})
