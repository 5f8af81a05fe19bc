import { expect, it } from 'vitest'
import { compareCells } from './compare-cells.ts'

it('orders numbers by size and names as people read them', () => {
  expect([10, 9, 100].toSorted(compareCells)).toEqual([9, 10, 100])
  expect(['tool10', 'Tool2', 'äpfel', 'zoo'].toSorted(compareCells)).toEqual(['äpfel', 'Tool2', 'tool10', 'zoo'])
  expect(compareCells('2', 10)).toBeLessThan(0)
})
