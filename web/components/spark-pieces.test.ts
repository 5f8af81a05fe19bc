import { describe, expect, it } from 'vitest'
import { sparkPieces } from './spark-pieces.ts'

describe('the line beside a number', () => {
  it('goes from left to right between the edges', () => {
    expect(sparkPieces([0, 5, 10])).toEqual([
      [
        [0, 22],
        [50, 12],
        [100, 2],
      ],
    ])
  })

  it('breaks where values are missing', () => {
    expect(sparkPieces([1, null, 1, 1]).map((piece) => piece.length)).toEqual([1, 2])
  })

  it('lies on the ground when nothing happened, and draws nothing from nothing', () => {
    expect(sparkPieces([0, 0])).toEqual([
      [
        [0, 22],
        [100, 22],
      ],
    ])
    expect(sparkPieces([])).toEqual([])
    expect(sparkPieces([null])).toEqual([])
  })
})
