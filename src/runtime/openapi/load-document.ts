import { isUtf8 } from 'node:buffer'
import { destinationOf, hostPortText, readUrl, type Egress } from '#egress/index.ts'
import { err, LIMITS, ok, Problem, type Result } from '#std/index.ts'
import { compileDocument, type CompiledApi } from './compile-document.ts'
import { type DocumentFault, faultText, type OpenApiSpec } from './model.ts'
import { parseDocument } from './parse-document.ts'
import { validateDocument } from './validate-document.ts'

/**
 * Fetches a document. Rejects with `egress-denied` and `fetch-failed` as all requests do, and with `fetch-failed` for an
 * answer that is no document. `isTrusted`: the operator wrote the address down, so it may be private.
 */
export async function fetchOpenApiDocument(egress: Pick<Egress, 'safeFetch'>, url: string, isTrusted: boolean): Promise<string> {
  const { status, body } = await egress.safeFetch(url, {
    headers: { accept: 'application/json, application/yaml, text/yaml;q=0.9, */*;q=0.5' },
    bytesMax: LIMITS.openapiDocumentBytesMax,
    isTrusted,
  })
  const place = hostPortText(destinationOf(readUrl(url)))
  if (status !== 200) throw new Problem('fetch-failed', `${place} answered ${status} and no OpenAPI document.`)
  if (!isUtf8(body)) throw new Problem('fetch-failed', `${place} answered with a document that is not UTF-8.`)
  return body.toString('utf8')
}

export interface ExamineOptions {
  /** Compares it with the schema of OpenAPI as well: where documents come in, not where they are only used. */
  readonly isValidated: boolean
}

/** Reads a document and makes its operations ready. Fails with everything that is wrong with it, as far as it is looked for. */
export async function examineDocument(
  text: string,
  spec: OpenApiSpec,
  { isValidated }: ExamineOptions,
): Promise<Result<CompiledApi, readonly DocumentFault[]>> {
  const parsed = await parseDocument(text)
  if (!parsed.ok) return parsed
  const fault = isValidated ? await validateDocument(parsed.value, text) : null
  if (fault !== null) return err([fault])
  const compiled = compileDocument(parsed.value, spec)
  return compiled.ok ? ok(compiled.value) : err([{ message: compiled.error, where: '', line: null, column: null }])
}

/** The refusal of a document. */
export function documentProblem(name: string, faults: readonly DocumentFault[]): Problem {
  return new Problem('invalid-input', `The OpenAPI document of ${name} cannot be used: ${faults.map(faultText).join('; ')}.`, {
    remedy: 'Correct the document, or choose other operations.',
  })
}
