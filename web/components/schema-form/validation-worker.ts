import { checkValue } from './check-value.ts'

interface Question {
  readonly id: number
  readonly schemaJson: string
  readonly valueJson: string
}

// The types of this project are those of a page; in a thread `self` is the other end of the worker.
const page = self as unknown as Pick<Worker, 'postMessage'>

self.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  const { id, schemaJson, valueJson } = data
  page.postMessage({ id, validation: checkValue(schemaJson, valueJson) }, [])
})
page.postMessage({ id: 0, validation: null }, [])
