import type { JsonObject } from './revision.ts'

// Neutral results and questions with everything that some revision has no word for.

export const SERVER_INFO = { name: 'sallyport', title: 'Sallyport', version: '1.0.0', icons: [{ src: 'data:,' }], description: 'A gateway' }
export const META_VALUE = { 'com.example/trace': 7 }

export const TOOL = {
  name: 'draw',
  title: 'Draw a picture',
  description: 'Draws.',
  icons: [{ src: 'data:,' }],
  inputSchema: { type: 'object', properties: { x: { type: 'string', title: 'X' } } },
  outputSchema: { type: 'object', properties: { path: { type: 'string' } } },
  annotations: { readOnlyHint: true },
  execution: { taskSupport: 'optional' },
  _meta: META_VALUE,
}
export const PROMPT = {
  name: 'greet',
  title: 'Greet',
  icons: [{ src: 'data:,' }],
  arguments: [{ name: 'who', title: 'Whom', required: true }],
}
export const RESOURCE = { uri: 'file:///a.txt', name: 'a.txt', title: 'The A', icons: [{ src: 'data:,' }], size: 3 }
export const TEMPLATE = { uriTemplate: 'file:///{path}', name: 'files', title: 'Files', icons: [{ src: 'data:,' }] }

export const TEXT = { type: 'text', text: 'done', annotations: { audience: ['user'] } }
export const IMAGE = { type: 'image', data: 'AAAA', mimeType: 'image/png' }
export const AUDIO = { type: 'audio', data: 'AAAA', mimeType: 'audio/wav', annotations: { priority: 1 }, _meta: META_VALUE }
export const LINK = { type: 'resource_link', ...RESOURCE, description: 'The first letter.' }
export const EMBEDDED = { type: 'resource', resource: { uri: 'file:///a.txt', text: 'A' } }

/** What only modern results say of themselves. */
export const LIFETIME = { resultType: 'complete', ttlMs: 1000, cacheScope: 'public' }

export const without = (object: JsonObject, ...names: string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

export const FORM = {
  mode: 'form',
  message: 'Which one?',
  requestedSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      size: {
        type: 'string',
        title: 'Size',
        oneOf: [
          { const: 's', title: 'Small' },
          { const: 'l', title: 'Large' },
        ],
        default: 's',
      },
      count: { type: 'integer', minimum: 1, default: 2 },
      isGift: { type: 'boolean', default: false },
      plain: { type: 'string', enum: ['a', 'b'] },
    },
    required: ['size'],
  },
}
export const MANY_OF_MANY = {
  ...FORM,
  requestedSchema: { type: 'object', properties: { colours: { type: 'array', items: { type: 'string', enum: ['red', 'blue'] } } } },
}
export const URL_QUESTION = { mode: 'url', message: 'Sign in, please.', url: 'https://example.com/in' }
export const SAMPLING = {
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Look:' }, IMAGE] },
    { role: 'assistant', content: { type: 'text', text: 'I see.' } },
  ],
  maxTokens: 100,
}
