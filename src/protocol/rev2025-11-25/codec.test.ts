import { describe, expect, it } from 'vitest'
import { revisionOf } from '../revision-of.ts'
import {
  AUDIO,
  FORM,
  IMAGE,
  LIFETIME,
  LINK,
  MANY_OF_MANY,
  PROMPT,
  RESOURCE,
  SAMPLING,
  SERVER_INFO,
  TEXT,
  TOOL,
  URL_QUESTION,
  without,
} from '../testing.ts'
import { encodeResult, negotiateVersion } from './index.ts'

const revision = revisionOf('2025-11-25')

describe('2025-11-25', () => {
  it('is the last of the handshake era', () => {
    expect(revision).toMatchObject({
      version: '2025-11-25',
      era: 'legacy',
      hasVersionHeader: true,
      allowsBatches: false,
      primesStreams: true,
    })
  })

  it.each([
    ['2025-06-18', '2025-06-18'],
    ['2024-11-05', '2024-11-05'],
    ['2026-07-28', '2025-11-25'],
    ['1.0', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('is negotiated for %s as %s', (requested, version) => {
    expect(negotiateVersion(requested)).toBe(version)
  })

  it.each([
    [
      'tools/call',
      { content: [TEXT, IMAGE, AUDIO, LINK], structuredContent: { a: 1 }, ...LIFETIME },
      { content: [TEXT, IMAGE, AUDIO, LINK], structuredContent: { a: 1 } },
    ],
    ['tools/call', { content: [], structuredContent: [1, 2] }, { content: [{ type: 'text', text: '[1,2]' }] }],
    ['tools/call', { content: [TEXT], structuredContent: 'x' }, { content: [TEXT] }],
    ['tools/call', { content: [IMAGE], structuredContent: null }, { content: [IMAGE, { type: 'text', text: 'null' }] }],
    ['tools/list', { tools: [TOOL], ...LIFETIME }, { tools: [TOOL] }],
    ['tools/list', { tools: [{ ...TOOL, outputSchema: { type: 'array' } }] }, { tools: [without(TOOL, 'outputSchema')] }],
    ['prompts/list', { prompts: [PROMPT], nextCursor: 'c' }, { prompts: [PROMPT], nextCursor: 'c' }],
    ['resources/list', { resources: [RESOURCE], ...LIFETIME }, { resources: [RESOURCE] }],
    [
      'initialize',
      { serverInfo: SERVER_INFO, capabilities: { tasks: {}, completions: {} } },
      { serverInfo: SERVER_INFO, capabilities: { tasks: {}, completions: {} } },
    ],
  ])('encodes the result of %s', (method, neutral, wire) => {
    expect(revision.encodeResult(method, neutral, SERVER_INFO)).toEqual(wire)
  })

  it('leaves out of any result what only modern clients know', () => {
    expect(encodeResult({ content: [], ...LIFETIME })).toEqual({ content: [] })
  })

  it.each([
    [-32021, -32602],
    [-32020, -32602],
    [-32042, -32042],
    [-32002, -32002],
    [-32601, -32601],
  ])('says error %i as %i', (code, wire) => {
    expect(revision.encodeErrorCode(code)).toBe(wire)
  })

  it('has no news of the modern era', () => {
    expect(revision.encodeNotification('notifications/subscriptions/acknowledged', {})).toBeNull()
    expect(revision.encodeNotification('notifications/tasks', {})).toBeNull()
    expect(revision.encodeNotification('notifications/elicitation/complete', { elicitationId: '1' })).toEqual({ elicitationId: '1' })
    expect(revision.encodeNotification('notifications/progress', { progress: 1, message: 'half' })).toEqual({
      progress: 1,
      message: 'half',
    })
  })

  it.each([
    ['elicitation/create', URL_QUESTION, { ...URL_QUESTION, elicitationId: 'q' }],
    ['elicitation/create', { ...URL_QUESTION, elicitationId: 'own' }, { ...URL_QUESTION, elicitationId: 'own' }],
    ['elicitation/create', FORM, FORM],
    ['elicitation/create', MANY_OF_MANY, MANY_OF_MANY],
    ['sampling/createMessage', { ...SAMPLING, tools: [] }, { ...SAMPLING, tools: [] }],
    ['roots/list', {}, {}],
  ])('asks by %s', (method, params, wire) => {
    expect(revision.encodeServerRequest(method, params, 'q')).toEqual(wire)
  })

  it('takes capabilities that it has', () => {
    const declared = { elicitation: { url: {} }, sampling: { tools: {} }, extensions: {}, roots: { listChanged: true }, tasks: {}, odd: {} }
    expect(revision.readClientCapabilities(declared)).toEqual(without(declared, 'odd'))
    expect(revision.readClientCapabilities('all')).toEqual({})
    expect(revision.encodeClientCapabilities({ elicitation: { url: {} }, odd: {} })).toEqual({ elicitation: { url: {} } })
  })
})
