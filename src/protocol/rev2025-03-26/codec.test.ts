import { describe, expect, it } from 'vitest'
import { revisionOf } from '../revision-of.ts'
import {
  AUDIO,
  EMBEDDED,
  FORM,
  IMAGE,
  LIFETIME,
  LINK,
  META_VALUE,
  PROMPT,
  RESOURCE,
  SAMPLING,
  SERVER_INFO,
  TEMPLATE,
  TEXT,
  TOOL,
  without,
} from '../testing.ts'

const revision = revisionOf('2025-03-26')
const linkText = { type: 'text', text: 'The A: file:///a.txt\nThe first letter.' }

describe('2025-03-26', () => {
  it('has batches, and no header for the version', () => {
    expect(revision).toMatchObject({
      version: '2025-03-26',
      era: 'legacy',
      hasVersionHeader: false,
      allowsBatches: true,
      primesStreams: false,
    })
  })

  it.each([undefined, null, '', '2025-03-26', '1999-01-01', 'toString', '__proto__'])('is that of clients that name %j', (version) => {
    expect(revisionOf(version).version).toBe('2025-03-26')
  })

  it.each([
    [
      'tools/call',
      { content: [TEXT, IMAGE, AUDIO, EMBEDDED], ...LIFETIME, _meta: META_VALUE },
      { content: [TEXT, IMAGE, AUDIO, EMBEDDED], _meta: META_VALUE },
    ],
    ['tools/call', { content: [LINK] }, { content: [linkText] }],
    [
      'tools/call',
      { content: [{ type: 'resource_link', uri: 'x://y', annotations: { priority: 1 }, _meta: META_VALUE }] },
      { content: [{ type: 'text', text: 'x://y', annotations: { priority: 1 }, _meta: META_VALUE }] },
    ],
    ['tools/call', { content: [TEXT], structuredContent: { a: 1 }, isError: true }, { content: [TEXT], isError: true }],
    ['tools/call', { content: [], structuredContent: { a: 'ü' } }, { content: [{ type: 'text', text: '{"a":"ü"}' }] }],
    ['tools/call', { structuredContent: { a: 1 } }, { content: [{ type: 'text', text: '{"a":1}' }] }],
    ['tools/call', { content: [LINK], structuredContent: { a: 1 } }, { content: [linkText, { type: 'text', text: '{"a":1}' }] }],
    [
      'tools/list',
      { tools: [TOOL] },
      {
        tools: [
          { ...without(TOOL, 'title', 'icons', 'outputSchema', 'execution'), annotations: { readOnlyHint: true, title: 'Draw a picture' } },
        ],
      },
    ],
    [
      'tools/list',
      { tools: [{ name: 'a', title: 'A', annotations: { title: 'B' } }] },
      { tools: [{ name: 'a', annotations: { title: 'B' } }] },
    ],
    [
      'tools/list',
      { tools: [{ name: 'a', title: 'A' }, { name: 'b' }] },
      { tools: [{ name: 'a', annotations: { title: 'A' } }, { name: 'b' }] },
    ],
    ['prompts/list', { prompts: [PROMPT] }, { prompts: [{ name: 'greet', arguments: [{ name: 'who', required: true }] }] }],
    [
      'prompts/get',
      {
        messages: [
          { role: 'user', content: LINK },
          { role: 'assistant', content: AUDIO },
        ],
      },
      {
        messages: [
          { role: 'user', content: linkText },
          { role: 'assistant', content: AUDIO },
        ],
      },
    ],
    ['resources/list', { resources: [RESOURCE] }, { resources: [{ uri: 'file:///a.txt', name: 'a.txt', size: 3 }] }],
    [
      'resources/templates/list',
      { resourceTemplates: [TEMPLATE] },
      { resourceTemplates: [{ uriTemplate: 'file:///{path}', name: 'files' }] },
    ],
    [
      'initialize',
      { serverInfo: SERVER_INFO, capabilities: { completions: {} } },
      { serverInfo: { name: 'sallyport', version: '1.0.0' }, capabilities: { completions: {} } },
    ],
    [
      'resources/read',
      { contents: [{ uri: 'file:///a.txt', text: 'A' }], ...LIFETIME },
      { contents: [{ uri: 'file:///a.txt', text: 'A' }] },
    ],
  ])('encodes the result of %s', (method, neutral, wire) => {
    expect(revision.encodeResult(method, neutral, SERVER_INFO)).toEqual(wire)
  })

  it('has no elicitation', () => {
    expect(revision.encodeServerRequest('elicitation/create', FORM, 'q')).toBeNull()
    expect(revision.encodeServerRequest('roots/list', {}, 'q')).toEqual({})
    expect(revision.encodeServerRequest('sampling/createMessage', SAMPLING, 'q')).toMatchObject({ maxTokens: 100 })
    expect(revision.encodeClientCapabilities({ elicitation: {}, sampling: { tools: {} } })).toEqual({ sampling: {} })
    expect(revision.readClientCapabilities({ elicitation: {}, sampling: {}, roots: {} })).toEqual({ sampling: {}, roots: {} })
  })

  it('has the message of a progress', () => {
    expect(revision.encodeNotification('notifications/progress', { progress: 1, message: 'half' })).toEqual({
      progress: 1,
      message: 'half',
    })
  })
})
