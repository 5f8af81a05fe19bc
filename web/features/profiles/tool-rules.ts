import type { Profile } from './profile-model.ts'

export type ToolRules = Profile['tools']

/** A tool as its server has it. */
export interface ServerTool {
  readonly server: string
  /** Its name at the server. */
  readonly name: string
}

export const fullNameOf = ({ server, name }: ServerTool): string => `${server}__${name}`

/** As the gateway reads patterns: a name, or its beginning with `*` at the end. */
export function matchesTool(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

const isNamedIn = (patterns: readonly string[], name: string): boolean => patterns.some((pattern) => matchesTool(pattern, name))

/** Whether the rules offer a tool. Exclusion wins. */
export const offers = ({ include, exclude }: Pick<ToolRules, 'include' | 'exclude'>, name: string): boolean =>
  !isNamedIn(exclude, name) && (include.length === 0 || isNamedIn(include, name))

/** The rules with some tools offered; patterns that excluded them shrink to the names of the others that they covered. */
export function withTools(rules: ToolRules, names: readonly string[], all: readonly string[], pattern?: string): ToolRules {
  const exclude = new Set<string>()
  for (const each of rules.exclude) {
    if (!names.some((name) => matchesTool(each, name)) && each !== pattern) exclude.add(each)
    else if (each.endsWith('*')) for (const other of all) if (matchesTool(each, other) && !names.includes(other)) exclude.add(other)
  }
  const missing = rules.include.length === 0 ? [] : names.filter((name) => !isNamedIn(rules.include, name))
  const added = missing.length > 0 && pattern !== undefined ? [pattern] : missing
  return { ...rules, include: [...new Set([...rules.include, ...added])], exclude: [...exclude] }
}

/** The rules without one tool. An inclusion that names nothing else stays, for an empty list would include everything. */
export function withoutTool(rules: ToolRules, name: string): ToolRules {
  const include = rules.include.filter((pattern) => pattern !== name)
  if (include.length > 0 && include.length < rules.include.length && !isNamedIn(include, name)) return { ...rules, include }
  return { ...rules, exclude: [...new Set([...rules.exclude, name])] }
}

/** The rules without all tools of a server, those it will have later too. */
export function withoutServer(rules: ToolRules, server: string): ToolRules {
  const prefix = `${server}__`
  return { ...rules, exclude: [...rules.exclude.filter((pattern) => !pattern.startsWith(prefix)), `${prefix}*`] }
}

export const withServer = (rules: ToolRules, server: string, all: readonly string[]): ToolRules =>
  withTools(
    rules,
    all.filter((name) => name.startsWith(`${server}__`)),
    all,
    `${server}__*`,
  )

/** The rules with a name or a description for one tool; the empty text gives it its own back. */
export function withOverride(rules: ToolRules, tool: string, { name, description }: { name: string; description: string }): ToolRules {
  const put = (values: Readonly<Record<string, string>>, value: string): Record<string, string> => {
    const rest = Object.fromEntries(Object.entries(values).filter(([key]) => key !== tool))
    return value === '' ? rest : { ...rest, [tool]: value }
  }
  return { ...rules, rename: put(rules.rename, name), describe: put(rules.describe, description) }
}
