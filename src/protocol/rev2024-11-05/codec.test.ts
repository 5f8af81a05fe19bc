import { describe, expect, it } from 'vitest'
import { revisionOf } from '../revision-of.ts'
import { AUDIO, EMBEDDED, FORM, IMAGE, LIFETIME, LINK, META_VALUE, SERVER_INFO, TEXT, TOOL, without } from '../testing.ts'

const revision = revisionOf('2024-11-05')
const audioText = {
  type: 'text',
  text: 'Audio (audio/wav) was left out: clients of protocol 2024-11-05 cannot take it.',
  annotations: { priority: 1 },
  _meta: META_VALUE,
}

describe('2024-11-05', () => {
  it('has neither batches nor a header for the version', () => {
    expect(revision).toMatchObject({
      version: '2024-11-05',
      era: 'legacy',
      hasVersionHeader: false,
      allowsBatches: false,
      primesStreams: false,
    })
  })

  it.each([
    ['tools/call', { content: [TEXT, IMAGE, EMBEDDED], isError: false, ...LIFETIME }, { content: [TEXT, IMAGE, EMBEDDED], isError: false }],
    ['tools/call', { content: [AUDIO] }, { content: [audioText] }],
    [
      'tools/call',
      { content: [{ type: 'audio' }] },
      { content: [{ type: 'text', text: 'Audio was left out: clients of protocol 2024-11-05 cannot take it.' }] },
    ],
    ['tools/call', { content: [AUDIO], structuredContent: { a: 1 } }, { content: [audioText, { type: 'text', text: '{"a":1}' }] }],
    ['tools/call', { content: [LINK] }, { content: [{ type: 'text', text: 'The A: file:///a.txt\nThe first letter.' }] }],
    ['tools/list', { tools: [TOOL] }, { tools: [without(TOOL, 'title', 'icons', 'outputSchema', 'execution', 'annotations')] }],
    ['prompts/get', { messages: [{ role: 'user', content: AUDIO }] }, { messages: [{ role: 'user', content: audioText }] }],
    [
      'initialize',
      { serverInfo: SERVER_INFO, capabilities: { completions: {}, prompts: {} }, instructions: 'Go.' },
      { serverInfo: { name: 'sallyport', version: '1.0.0' }, capabilities: { prompts: {} }, instructions: 'Go.' },
    ],
    ['completion/complete', { completion: { values: ['a'] } }, { completion: { values: ['a'] } }],
  ])('encodes the result of %s', (method, neutral, wire) => {
    expect(revision.encodeResult(method, neutral, SERVER_INFO)).toEqual(wire)
  })

  it('has a progress without words', () => {
    expect(revision.encodeNotification('notifications/progress', { progressToken: 1, progress: 1, total: 2, message: 'half' })).toEqual({
      progressToken: 1,
      progress: 1,
      total: 2,
    })
    expect(revision.encodeNotification('notifications/message', { level: 'info', data: 'x', message: 'y' })).toEqual({
      level: 'info',
      data: 'x',
      message: 'y',
    })
    expect(revision.encodeNotification('notifications/tasks', {})).toBeNull()
  })

  it('asks a model without sound, and people not at all', () => {
    const params = {
      messages: [
        { role: 'user', content: AUDIO },
        { role: 'user', content: TEXT },
      ],
      maxTokens: 5,
    }
    expect(revision.encodeServerRequest('sampling/createMessage', params, 'q')).toEqual({
      messages: [
        { role: 'user', content: audioText },
        { role: 'user', content: TEXT },
      ],
      maxTokens: 5,
    })
    expect(revision.encodeServerRequest('sampling/createMessage', { ...params, tools: [] }, 'q')).toBeNull()
    expect(revision.encodeServerRequest('elicitation/create', FORM, 'q')).toBeNull()
    expect(revision.readClientCapabilities({ elicitation: {}, sampling: { context: {} }, roots: {} })).toEqual({ sampling: {}, roots: {} })
  })
})
