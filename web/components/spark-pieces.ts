export const [WIDTH, HEIGHT] = [100, 24]
const EDGE = 2

/** The pieces of the line; where values are missing it breaks. Coordinates of a box of 100 × 24. */
export function sparkPieces(values: readonly (number | null)[]): readonly (readonly (readonly [x: number, y: number])[])[] {
  const known = values.filter((value) => value !== null)
  const most = known.reduce((max, value) => Math.max(max, value), 0)
  const pieces: (readonly [number, number])[][] = []
  let isOpen = false
  values.forEach((value, index) => {
    if (value === null) isOpen = false
    else {
      if (!isOpen) pieces.push([])
      isOpen = true
      const x = values.length === 1 ? WIDTH / 2 : (index / (values.length - 1)) * WIDTH
      pieces.at(-1)!.push([x, HEIGHT - EDGE - (most === 0 ? 0 : (value / most) * (HEIGHT - 2 * EDGE))])
    }
  })
  return pieces
}
