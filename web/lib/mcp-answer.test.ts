import { describe, expect, it } from 'vitest'
import { flightOf, problemOfError, progressOf, toolsOf, troubleOf } from './mcp-answer.ts'

describe('problemOfError', () => {
  it('takes the problem that our own errors bring along', () => {
    const problem = { type: 'https://sallyport.dev/problems/upstream-down', title: 'Down', detail: 'It fell.', remedy: 'Start it.' }
    expect(problemOfError({ code: -1, message: 'Down', data: { problem } }, 200)).toEqual({ ...problem, status: 200 })
  })

  it('words errors of other servers, and says that arguments were refused', () => {
    expect(problemOfError({ code: -32602, message: 'value: required' }, 200)).toMatchObject({
      title: 'The server refused the arguments',
      detail: 'value: required (JSON-RPC code -32602)',
    })
    expect(problemOfError({ code: -32603, message: 'boom' }, 200).title).toBe('The server answered with an error')
  })

  it('bears answers that are none', () => {
    for (const error of [undefined, null, 'x', [], { code: 1 }]) expect(problemOfError(error, 200).title).toBe('This is no MCP answer')
  })
})

describe('what servers send along', () => {
  it('reads progress, with or without an end', () => {
    expect(progressOf({ progress: 2, total: 5, message: 'two' })).toEqual({ progress: 2, total: 5, message: 'two' })
    expect(progressOf({ progress: 'x', total: 0, message: {} })).toEqual({ progress: 0, total: null, message: null })
    expect(progressOf(null)).toEqual({ progress: 0, total: null, message: null })
  })

  it('lists tools, and passes over what is none', () => {
    const listed = [{ name: 'a', title: 5, description: 'd', annotations: [] }, { name: '' }, null, 'x', { title: 'no name' }]
    expect(toolsOf(listed)).toEqual([{ name: 'a', title: undefined, description: 'd', inputSchema: undefined, annotations: undefined }])
    expect(toolsOf({})).toEqual([])
  })

  it('finds the flight record and servers in trouble', () => {
    expect(flightOf({ _meta: { 'dev.sallyport/flight': { id: 'evt_1' } } })).toEqual({ id: 'evt_1' })
    expect(flightOf({ _meta: { 'dev.sallyport/flight': 'evt' } })).toBeNull()
    expect(flightOf({})).toBeNull()
    expect(troubleOf([{ server: 'a', cause: 'c', remedy: 'r', state: 's' }, {}, null])).toHaveLength(1)
  })
})
