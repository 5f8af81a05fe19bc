import { byteSize } from './format.ts'
import { inert } from './inert.ts'
import { asRecord, type ToolResult } from './mcp-client.ts'
import { safeJson } from './print-json.ts'

/** A tool's result for eyes: texts made inert, everything else described, structured content as JSON when there is no text. */
export function resultText({ content, structuredContent }: ToolResult): string {
  const blocks = content.map(blockText)
  const hasText = content.some(({ type }) => type === 'text')
  if (structuredContent !== undefined && !hasText) blocks.push(safeJson(structuredContent, 2))
  return blocks.join('\n')
}

function blockText(block: ToolResult['content'][number]): string {
  const text = (key: string): string => inert(typeof block[key] === 'string' ? block[key] : '')
  switch (block.type) {
    case 'text':
      return inert(typeof block['text'] === 'string' ? block['text'] : '', { isMultiline: true })
    case 'image':
    case 'audio':
      return `[${block.type} ${text('mimeType')}, ${byteSize(decodedBytes(block['data']))}]`
    case 'resource_link':
      return `[link ${text('name')} ${text('uri')}]`
    case 'resource': {
      const resource = asRecord(block['resource']) ?? {}
      const head = `[resource ${inert(typeof resource['uri'] === 'string' ? resource['uri'] : '')}]`
      return typeof resource['text'] === 'string'
        ? `${head}\n${inert(resource['text'], { isMultiline: true })}`
        : `${head.slice(0, -1)}, ${byteSize(decodedBytes(resource['blob']))}]`
    }
    default:
      return `[${inert(block.type)}]`
  }
}

const decodedBytes = (base64: unknown): number => (typeof base64 === 'string' ? Buffer.byteLength(base64, 'base64') : 0)
