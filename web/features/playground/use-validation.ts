import { useEffect, useState } from 'react'
import type { Validation } from '@/components/schema-form/check-value.ts'
import { validate } from '@/components/schema-form/validate.ts'

const PAUSE_MS = 300
const NONE: Validation = { errors: [], skipped: null }

/** What is wrong with a value, a moment after it last changed. */
export function useValidation(schema: unknown, value: unknown): Validation {
  const [found, setFound] = useState(NONE)
  useEffect(() => {
    let isCurrent = true
    const timer = window.setTimeout(() => {
      void validate(schema ?? true, value).then((validation) => isCurrent && setFound(validation))
    }, PAUSE_MS)
    return () => {
      isCurrent = false
      window.clearTimeout(timer)
    }
  }, [schema, value])
  return found
}
