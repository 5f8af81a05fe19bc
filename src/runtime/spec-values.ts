import type { LaunchSpec, SecretOr } from './model.ts'

/** Every value of a specification that may be a secret: headers, variables, credentials. */
export function specValues(spec: LaunchSpec): readonly SecretOr[] {
  switch (spec.kind) {
    case 'remote':
      return Object.values(spec.headers)
    case 'process':
      return Object.values(spec.env)
    case 'openapi':
      return [...Object.values(spec.headers), ...Object.values(spec.auth)]
  }
}
