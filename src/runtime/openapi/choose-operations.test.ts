import { describe, expect, it } from 'vitest'
import { chooseOperations, fitsPattern, nameOperations } from './choose-operations.ts'
import { documentOf } from './testing.ts'

const operation = (operationId?: string): object => ({ ...(operationId === undefined ? {} : { operationId }), responses: {} })
const names = (paths: object): string[] => nameOperations(documentOf(paths)).map(({ toolName }) => toolName)

describe('names of tools', () => {
  it('are operationIds where they can be, else method and path', () => {
    expect(
      names({
        '/pets': { get: operation('listPets'), post: operation('pets/create new') },
        '/pets/{id}': { get: operation(), delete: operation('') },
      }),
    ).toEqual(['listPets', 'pets_create_new', 'get_pets_id', 'operation'])
  })

  it('are unique, short and the same each time', () => {
    const long = 'x'.repeat(100)
    const paths = {
      '/a': { get: operation('same') },
      '/b': { get: operation('same') },
      '/c': { get: operation(long) },
      '/d': { get: operation(long) },
      '/é': { get: operation('é') },
    }
    const found = names(paths)
    expect(new Set(found).size).toBe(5)
    for (const name of found) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,64}$/)
    expect(found[0]).toBe('same')
    expect(found[1]).toMatch(/^same_[0-9a-f]{8}$/)
    expect(names(paths)).toEqual(found)
    // Another operation before it in the document changes no name that was unique.
    expect(names({ '/0': { get: operation('first') }, ...paths }).slice(1)).toEqual(found)
  })

  it('stay unique when a document guesses them', () => {
    const [, guessed] = names({ '/a': { get: operation('same') }, '/b': { get: operation('same') } })
    const found = names({ '/x': { get: operation(guessed) }, '/a': { get: operation('same') }, '/b': { get: operation('same') } })
    expect(new Set(found).size).toBe(3)
  })

  it('leave out what is no operation of a path', () => {
    expect(
      names({
        'x-own': { get: operation('a') },
        '/a': { trace: operation('b'), options: operation('c'), parameters: [], get: operation('d') },
        '/b': null,
      }),
    ).toEqual(['d'])
  })
})

describe('patterns', () => {
  it.each([
    ['GET /pets', 'GET /pets', true],
    ['GET /pets', 'GET /pets/{id}', false],
    ['GET /*', 'GET /pets/{id}', true],
    ['* /pets*', 'DELETE /pets/{id}', true],
    ['*', '', true],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['get*', 'GET /pets', false],
    ['(a+)+$', 'aaaa', false],
  ])('%s fits %s: %s', (pattern, text, isFitting) => {
    expect(fitsPattern(text, pattern)).toBe(isFitting)
  })

  it('take time in proportion to the text', () => {
    const startedMs = performance.now()
    expect(fitsPattern('a'.repeat(100_000), `${'a*'.repeat(200)}b`)).toBe(false)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })

  const all = nameOperations(
    documentOf({ '/pets': { get: operation('listPets'), post: operation('createPet') }, '/pets/{id}': { delete: operation('deletePet') } }),
  )
  const chosen = (include: string[], exclude: string[] = []): unknown => {
    const result = chooseOperations(all, { include, exclude })
    return result.ok ? result.value.map(({ toolName }) => toolName) : result.error
  }

  it('choose by operationId and by method and path', () => {
    expect(chosen([])).toEqual(['listPets', 'createPet', 'deletePet'])
    expect(chosen(['GET *', 'deletePet'])).toEqual(['listPets', 'deletePet'])
    expect(chosen([], ['DELETE *'])).toEqual(['listPets', 'createPet'])
  })

  it('that fit nothing are refused, excluding ones too', () => {
    expect(chosen(['listPet'])).toBe('no operation fits "listPet". Did you mean "listPets"?')
    expect(chosen([], ['deletPet'])).toContain('no operation fits "deletPet"')
    expect(chosen(['GET *'], ['listPets'])).toBe('no operation is left')
  })
})
