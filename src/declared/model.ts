import type { ProfileRecord } from '#profile/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'

/** Something a declared file says that cannot be, or had better not be, as it is. Never holds a value. */
export interface Finding {
  /** `sallyport.json:12:5`: file, line and column, both from 1. */
  readonly place: string
  readonly line: number
  readonly column: number
  readonly message: string
  /** Present where the file may be right, and something else is missing. */
  readonly remedy?: string
}

/** All that is wrong with a declared file, in the order of the file. The message is one line per finding. */
export class DeclaredError extends Error {
  override name = 'DeclaredError'
  readonly findings: readonly Finding[]
  /** What mends it where that is not an edit of the file. */
  readonly remedy: string | undefined

  constructor(findings: readonly Finding[]) {
    const sorted = findings.toSorted((a, b) => a.line - b.line || a.column - b.column)
    super(sorted.map((finding) => `${finding.place}: ${finding.message}`).join('\n'))
    this.findings = sorted
    this.remedy = sorted.every(({ remedy }) => remedy !== undefined)
      ? [...new Set(sorted.map(({ remedy }) => remedy))].join('; ')
      : undefined
  }
}

/** An `${input:id}` without an answer; the deployments that wait for it are `needs-input`. */
export interface MissingInput {
  readonly id: string
  readonly description: string
  readonly isSecret: boolean
  readonly deployments: readonly string[]
}

/** What a declared file comes to. */
export interface DeclaredSet {
  /** The file as it is named in places. */
  readonly file: string
  /** Approved by declaration, except those that wait for an input. */
  readonly deployments: readonly DeploymentRecord[]
  readonly profiles: readonly ProfileRecord[]
  /** As written; the settings table judges them. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly warnings: readonly Finding[]
  /** Sealed text by the name that a `{ secret }` of the records refers to. */
  readonly secrets: ReadonlyMap<string, string>
  readonly missingInputs: readonly MissingInput[]
}

/** The vault entry that answers `${input:id}`. */
export const inputSecretName = (id: string): string => `input/${id}`
