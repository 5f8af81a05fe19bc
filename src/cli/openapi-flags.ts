import { option, options } from './command.ts'

/** Flags of `deployment add` that are about an API. */
export const openApiFlags = {
  openapi: option('URL|FILE', 'OpenAPI document of an API, whose operations become tools'),
  operation: options('PATTERN', 'Only operations with this operationId or `METHOD /path`; * stands for any text; may repeat'),
  exclude: options('PATTERN', 'Leave these operations out; may repeat'),
  server: option('URL', 'Base URL of the API; default: the first server that the document names'),
  auth: options('SCHEME[=SOURCE]', 'Credential for a security scheme of the document; may repeat'),
}
