import { expect, it } from 'vitest'
import { createBodyLink } from './body-link.ts'
import type { ToPrimary } from './worker-messages.ts'

it('a batch is stored when the primary says so, and an answer that comes too late is for nobody', async () => {
  const told: ToPrimary[] = []
  const link = createBodyLink((message) => void told.push(message))
  const first = link.store([])
  link.stored(1, null)
  await first
  const second = link.store([])
  link.stored(1, 'this is about the first')
  link.stored(2, 'the database is away')
  await expect(second).rejects.toThrow('the database is away')
  expect(told).toEqual([
    { serve: 'bodies', id: 1, batch: [] },
    { serve: 'bodies', id: 2, batch: [] },
  ])
})

it('nobody waits for a primary that is gone', async () => {
  const told: ToPrimary[] = []
  const link = createBodyLink((message) => void told.push(message))
  const waiting = link.store([])
  link.end()
  await expect(waiting).rejects.toThrow('the process with the database is gone')
  await expect(link.store([])).rejects.toThrow('the process with the database is gone')
  expect(told).toHaveLength(1)
})
