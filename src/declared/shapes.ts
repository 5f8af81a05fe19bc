import { z } from 'zod'
import { ACCESS_LEVELS } from '#profile/index.ts'
import { LIMITS } from '#std/index.ts'

const deadline = z.int().min(100).max(LIMITS.deadlineMsMax)

const pattern = z.string().min(1).max(512)

const ours = z
  .strictObject({
    access: z
      .enum(ACCESS_LEVELS)
      .default('granted')
      .describe('granted: those it was granted to. tenant: every member. public: no credential.'),
    deadlineMs: deadline.default(LIMITS.deadlineMsDefault).describe('How long one call may take.'),
    startDeadlineMs: deadline.default(LIMITS.startDeadlineMsDefault).describe('How long a start may take.'),
    egress: z.array(z.string()).default([]).describe('What the process may reach, as host:port.'),
    files: z
      .array(z.strictObject({ path: z.string().min(1), mode: z.enum(['ro', 'rw']).default('ro') }))
      .default([])
      .describe('What the process may read or write; relative to this file.'),
    headers: z.enum(['strict', 'lenient']).default('strict').describe('lenient believes the body where headers disagree.'),
    isolation: z.enum(['strong', 'medium', 'none']).default('medium').describe('The least level of isolation accepted.'),
    server: z.string().min(1).optional().describe('Base URL of an API; otherwise the first server that its document names.'),
    operations: z
      .strictObject({
        include: z.array(pattern).max(LIMITS.openapiPatternsMax).default([]),
        exclude: z.array(pattern).max(LIMITS.openapiPatternsMax).default([]),
      })
      .default({ include: [], exclude: [] })
      .describe('Operations of an API that become tools, by operationId or "METHOD /path"; * stands for any text.'),
    auth: z
      .record(z.string().min(1), z.string())
      .default({})
      .describe('Credentials of an API, by the name of a security scheme of its document.'),
    documentSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256: 64 hexadecimal digits')
      .optional()
      .describe('The one document that is meant, where "openapi" is a URL.'),
    title: z.string().min(1).optional(),
    description: z.string().optional(),
  })
  .meta({ description: 'What Sallyport adds to an entry.' })

// VS Code writes null for a variable that is to be unset.
const variables = z.record(z.string().min(1), z.union([z.string(), z.number(), z.null()], 'expected a text'))

/** One entry as Claude, Cursor and VS Code write it; which members belong together is checked where it is read. */
const server = z.strictObject({
  type: z.enum(['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse']).optional(),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).default([]),
  env: variables.default({}),
  envFile: z.string().min(1).optional(),
  cwd: z.string().min(1).optional(),
  url: z.string().min(1).optional(),
  headers: z.record(z.string().min(1), z.string()).default({}),
  openapi: z.string().min(1).optional().describe('OpenAPI document of an API: a file, relative to this one, or a URL.'),
  sallyport: ours.optional(),
  disabled: z.boolean().default(false).describe('A disabled entry is left out.'),
  // Members that concern the client alone: taken so that its file can be used as it is, and without effect.
  timeout: z.unknown().optional(),
  alwaysAllow: z.unknown().optional(),
  autoApprove: z.unknown().optional(),
  description: z.string().optional(),
  gallery: z.unknown().optional(),
  version: z.unknown().optional(),
  dev: z.unknown().optional(),
  auth: z.unknown().optional(),
  oauth: z.unknown().optional(),
})

const tools = z.strictObject({
  include: z.array(z.string().min(1)).default([]).describe('Only these, when not empty; * at the end is a wildcard.'),
  exclude: z.array(z.string().min(1)).default([]),
  rename: z.record(z.string(), z.string().min(1)).default({}),
  describe: z.record(z.string(), z.string()).default({}),
  fix: z.record(z.string(), z.record(z.string(), z.unknown())).default({}).describe('Arguments fixed per tool.'),
  prefill: z.record(z.string(), z.record(z.string(), z.unknown())).optional().describe('Arguments set per tool where the caller does not.'),
  search: z.boolean().default(false).describe('Clients get search_tools and call_tool in place of the list.'),
})

const profile = z.strictObject({
  title: z.string().min(1).optional(),
  description: z.string().default(''),
  access: z.enum(ACCESS_LEVELS).default('granted'),
  servers: z.array(z.string().min(1)).default([]),
  tools: tools.optional(),
})

const input = z.strictObject({
  type: z.enum(['promptString', 'pickString', 'command']),
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected 1 to 64 letters, digits, dots, hyphens or underscores'),
  description: z.string().default(''),
  password: z.boolean().default(false),
  default: z.string().optional(),
  options: z.unknown().optional(),
  command: z.unknown().optional(),
  args: z.unknown().optional(),
})

export const declaredFile = z.strictObject({
  $schema: z.string().optional(),
  mcpServers: z.record(z.string(), server).default({}).describe('Servers as Claude and Cursor write them.'),
  servers: z.record(z.string(), server).default({}).describe('Servers as VS Code writes them.'),
  inputs: z.array(input).default([]).describe('Values to be asked for, as VS Code writes them.'),
  profiles: z.record(z.string(), profile).default({}).describe('Named sets of servers and tools, each behind one endpoint.'),
  settings: z.record(z.string(), z.unknown()).default({}).describe('Settings of the program; flags and environment come first.'),
})

export type DeclaredFile = z.output<typeof declaredFile>
export type DeclaredServer = z.output<typeof server>
export type DeclaredProfile = z.output<typeof profile>
export type DeclaredInput = z.output<typeof input>
export const OURS_DEFAULT: z.output<typeof ours> = ours.parse({})

/** JSON Schema (2020-12) of the declared file, for editors. */
export function declaredSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(declaredFile, { io: 'input' }),
    $id: 'https://sallyport.dev/schemas/sallyport.json',
    title: 'Sallyport, declared file',
  }
}
