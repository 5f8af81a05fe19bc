import { describe, expect, it } from 'vitest'
import { META } from '../meta.ts'
import { revisionOf } from '../revision-of.ts'
import { LIFETIME, LINK, AUDIO, META_VALUE, SERVER_INFO, TOOL, URL_QUESTION, without } from '../testing.ts'

const revision = revisionOf('2026-07-28')
const identity = { [META.serverInfo]: SERVER_INFO }

describe('2026-07-28', () => {
  it('is the modern era', () => {
    expect(revision).toMatchObject({
      version: '2026-07-28',
      era: 'modern',
      hasVersionHeader: true,
      allowsBatches: false,
      primesStreams: false,
    })
  })

  it.each([
    [
      'tools/call',
      { content: [LINK, AUDIO], structuredContent: [1] },
      { resultType: 'complete', content: [LINK, AUDIO], structuredContent: [1], _meta: identity },
    ],
    [
      'tools/call',
      { content: [], resultType: 'task', _meta: META_VALUE },
      { resultType: 'task', content: [], _meta: { ...META_VALUE, ...identity } },
    ],
    [
      'tools/list',
      { tools: [TOOL] },
      { resultType: 'complete', tools: [without(TOOL, 'execution')], ttlMs: 0, cacheScope: 'private', _meta: identity },
    ],
    ['resources/read', { contents: [], ...LIFETIME }, { contents: [], ...LIFETIME, _meta: identity }],
    [
      'resources/read',
      { contents: [], cacheScope: 'shared', ttlMs: '5' },
      { contents: [], resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: identity },
    ],
  ])('encodes the result of %s', (method, neutral, wire) => {
    expect(revision.encodeResult(method, neutral, SERVER_INFO)).toEqual(wire)
  })

  it.each([
    [-32002, -32602],
    [-32042, -32602],
    [-32021, -32021],
    [-32601, -32601],
    [17, 17],
  ])('says error %i as %i', (code, wire) => {
    expect(revision.encodeErrorCode(code)).toBe(wire)
  })

  it('has no news of the handshake era', () => {
    expect(revision.encodeNotification('notifications/elicitation/complete', { elicitationId: '1' })).toBeNull()
    expect(revision.encodeNotification('notifications/tasks/status', {})).toBeNull()
    expect(revision.encodeNotification('notifications/progress', { progress: 1, message: 'half' })).toEqual({
      progress: 1,
      message: 'half',
    })
  })

  it('asks without a name for the question', () => {
    expect(revision.encodeServerRequest('elicitation/create', { ...URL_QUESTION, elicitationId: 'e', task: {} }, 'q')).toEqual(URL_QUESTION)
  })

  it('takes capabilities that it has', () => {
    const declared = {
      elicitation: { form: {}, url: {} },
      sampling: { tools: {} },
      extensions: { 'com.example/x': {} },
      roots: {},
      tasks: {},
      odd: {},
    }
    expect(revision.readClientCapabilities(declared)).toEqual(without(declared, 'tasks', 'odd'))
    expect(revision.readClientCapabilities(null)).toEqual({})
    expect(revision.readClientCapabilities({ roots: true, sampling: [] })).toEqual({})
  })
})
