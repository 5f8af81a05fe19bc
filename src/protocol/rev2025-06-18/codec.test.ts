import { describe, expect, it } from 'vitest'
import { revisionOf } from '../revision-of.ts'
import {
  AUDIO,
  EMBEDDED,
  FORM,
  IMAGE,
  LIFETIME,
  LINK,
  MANY_OF_MANY,
  PROMPT,
  RESOURCE,
  SAMPLING,
  SERVER_INFO,
  TEMPLATE,
  TEXT,
  TOOL,
  URL_QUESTION,
  without,
} from '../testing.ts'

const revision = revisionOf('2025-06-18')
const ask = (method: string, params: Record<string, unknown>) => revision.encodeServerRequest(method, params, 'q')

describe('2025-06-18', () => {
  it('has the header, and no batches any more', () => {
    expect(revision).toMatchObject({
      version: '2025-06-18',
      era: 'legacy',
      hasVersionHeader: true,
      allowsBatches: false,
      primesStreams: false,
    })
  })

  it.each([
    [
      'tools/call',
      { content: [TEXT, AUDIO, EMBEDDED, LINK], structuredContent: { a: 1 }, ...LIFETIME },
      { content: [TEXT, AUDIO, EMBEDDED, without(LINK, 'icons')], structuredContent: { a: 1 } },
    ],
    ['tools/call', { content: [], structuredContent: 7 }, { content: [{ type: 'text', text: '7' }] }],
    ['tools/list', { tools: [TOOL] }, { tools: [without(TOOL, 'icons', 'execution')] }],
    ['prompts/list', { prompts: [PROMPT] }, { prompts: [without(PROMPT, 'icons')] }],
    ['prompts/get', { messages: [{ role: 'user', content: LINK }] }, { messages: [{ role: 'user', content: without(LINK, 'icons') }] }],
    ['resources/list', { resources: [RESOURCE] }, { resources: [without(RESOURCE, 'icons')] }],
    ['resources/templates/list', { resourceTemplates: [TEMPLATE] }, { resourceTemplates: [without(TEMPLATE, 'icons')] }],
    [
      'initialize',
      { serverInfo: SERVER_INFO, capabilities: { tasks: {}, tools: {} } },
      { serverInfo: { name: 'sallyport', title: 'Sallyport', version: '1.0.0' }, capabilities: { tools: {} } },
    ],
    ['tools/list', { tools: 'none' }, { tools: 'none' }],
    ['tools/list', { tools: [null, 'x'] }, { tools: [null, 'x'] }],
  ])('encodes the result of %s', (method, neutral, wire) => {
    expect(revision.encodeResult(method, neutral, SERVER_INFO)).toEqual(wire)
  })

  it('does not change what it is given', () => {
    const neutral = Object.freeze({ tools: Object.freeze([Object.freeze({ ...TOOL })]) })
    expect(revision.encodeResult('tools/list', neutral, SERVER_INFO)).not.toBe(neutral)
    expect(neutral.tools[0]).toEqual(TOOL)
  })

  it('knows no error, no news and no question of elicitation by URL', () => {
    expect(revision.encodeErrorCode(-32042)).toBe(-32602)
    expect(revision.encodeErrorCode(-32021)).toBe(-32602)
    expect(revision.encodeErrorCode(-32002)).toBe(-32002)
    expect(revision.encodeNotification('notifications/elicitation/complete', {})).toBeNull()
    expect(revision.encodeNotification('notifications/tasks/status', {})).toBeNull()
    expect(ask('elicitation/create', URL_QUESTION)).toBeNull()
  })

  it('asks by form, in one way of choosing', () => {
    expect(ask('elicitation/create', { ...FORM, task: { ttl: 1 } })).toEqual({
      message: 'Which one?',
      requestedSchema: {
        type: 'object',
        properties: {
          ...FORM.requestedSchema.properties,
          size: { type: 'string', title: 'Size', enum: ['s', 'l'], enumNames: ['Small', 'Large'], default: 's' },
        },
        required: ['size'],
      },
    })
  })

  it.each([
    ['several of several', MANY_OF_MANY],
    ['no schema', { message: 'x' }],
    ['no properties', { message: 'x', requestedSchema: { type: 'object' } }],
    ['a field that is none', { message: 'x', requestedSchema: { type: 'object', properties: { a: 'text' } } }],
    ['choices that are none', { message: 'x', requestedSchema: { type: 'object', properties: { a: { oneOf: [{ const: 1 }] } } } }],
    ['another mode', { ...FORM, mode: 'voice' }],
  ])('does not ask for %s', (_, params) => {
    expect(ask('elicitation/create', params)).toBeNull()
  })

  it('asks a model with one block a message', () => {
    expect(ask('sampling/createMessage', { ...SAMPLING, task: {} })).toEqual({
      maxTokens: 100,
      messages: [
        { role: 'user', content: { type: 'text', text: 'Look:' } },
        { role: 'user', content: IMAGE },
        { role: 'assistant', content: { type: 'text', text: 'I see.' } },
      ],
    })
    expect(ask('sampling/createMessage', { messages: [{ role: 'user', content: AUDIO }] })).toEqual({
      messages: [{ role: 'user', content: AUDIO }],
    })
  })

  it.each([
    ['tools', { ...SAMPLING, tools: [TOOL] }],
    ['a choice of tools', { ...SAMPLING, toolChoice: {} }],
    ['the use of a tool', { messages: [{ role: 'assistant', content: { type: 'tool_use', id: '1', name: 'x', input: {} } }] }],
    ['no messages', { maxTokens: 1 }],
    ['a message that is none', { messages: [null] }],
    ['content that is none', { messages: [{ role: 'user', content: 'text' }] }],
  ])('does not ask a model with %s', (_, params) => {
    expect(ask('sampling/createMessage', params)).toBeNull()
  })

  it('takes capabilities that it has', () => {
    const declared = {
      elicitation: { form: {}, url: {} },
      sampling: { tools: {} },
      roots: { listChanged: true },
      experimental: { x: {} },
      tasks: {},
      extensions: {},
    }
    expect(revision.readClientCapabilities(declared)).toEqual({
      elicitation: {},
      sampling: {},
      roots: { listChanged: true },
      experimental: { x: {} },
    })
    expect(revision.readClientCapabilities({})).toEqual({})
  })

  it.each([
    [
      { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {}, extensions: {} },
      { elicitation: {}, sampling: {}, roots: {} },
    ],
    [{ elicitation: {} }, { elicitation: {} }],
    [{ elicitation: { url: {} }, sampling: {} }, { sampling: {} }],
    [{}, {}],
  ])('tells a server of %j', (capabilities, told) => {
    expect(revision.encodeClientCapabilities(capabilities)).toEqual(told)
  })
})
