import { afterEach, describe, expect, it, vi } from 'vitest'
import { Problem, PROBLEMS, type ProblemType } from '#std/index.ts'
import { aboutProblem, asProblem, ProblemError, problemOf, unreachable } from './problem.ts'

afterEach(() => vi.unstubAllGlobals())

describe('the answer to a refused request', () => {
  it('is read as the problem it is', () => {
    const document = new Problem('conflict', 'docs is taken.', { remedy: 'Choose another name.' }).toDocument()
    const read = problemOf(409, JSON.stringify(document))
    expect(read).toMatchObject({ title: PROBLEMS.conflict.title, detail: 'docs is taken.', remedy: 'Choose another name.', status: 409 })
    expect(new ProblemError(read).kind).toBe('conflict')
  })

  it('believes the status line, not the body', () => {
    expect(problemOf(503, JSON.stringify({ title: 'x', detail: 'y', status: 200 })).status).toBe(503)
  })

  it.each(['', '<html>502 Bad Gateway</html>', 'null', '[]', '"text"', '{"title":1,"detail":"x"}', '{"title":"x"}', '{'])(
    'makes do with %o of a server on the way',
    (body) => {
      expect(problemOf(502, body)).toMatchObject({ type: 'about:blank', title: 'The server failed', status: 502 })
    },
  )
})

describe('the page about a problem', () => {
  it.each(Object.keys(PROBLEMS) as ProblemType[])('exists for %s', (type) => {
    expect(aboutProblem(new Problem(type, '').toDocument())).toBe(`/app/problems/${type}`)
  })

  it.each([
    'about:blank',
    'about:unreachable',
    'https://evil.example/problems/not-found',
    'https://sallyport.dev/problems/../settings',
    'https://sallyport.dev/problems/a?b',
    'javascript:alert(1)',
    'https://sallyport.dev/problems/',
    '/app/problems/not-found\n',
  ])('does not exist for %s', (type) => {
    expect(aboutProblem({ type })).toBe(null)
  })
})

describe('no answer at all', () => {
  it.each([
    [true, 'The server does not answer'],
    [false, 'You are offline'],
  ])('with the network %s reads %s', (onLine, title) => {
    vi.stubGlobal('navigator', { onLine })
    const error = unreachable(new TypeError('Failed to fetch'))
    expect(error.problem).toMatchObject({ title, status: 0 })
    expect(error.cause).toBeInstanceOf(TypeError)
  })
})

describe('anything thrown', () => {
  it('can be shown', () => {
    expect(asProblem(new Error('x is not a function')).detail).toBe('x is not a function')
    expect(asProblem('text').detail).toBe('text')
    expect(asProblem(undefined).detail).toBe('undefined')
    const problem = problemOf(404, '')
    expect(asProblem(new ProblemError(problem))).toBe(problem)
  })
})
