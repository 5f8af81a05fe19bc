import { useState } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { SchemaForm } from '@/components/schema-form/schema-form.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { SAMPLE_SCHEMA } from './samples.ts'
import { Chapter } from './specimen.tsx'

export function Forms() {
  const [value, setValue] = useState<unknown>({ query: 'release notes' })
  return (
    <Chapter
      id="forms"
      title="Forms from schemas"
      rule="What a tool takes becomes a form. What is not filled in is left out; what no form can draw is written as JSON."
    >
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Section title="Form">
          <SchemaForm schema={SAMPLE_SCHEMA} value={value} onChange={setValue} />
        </Section>
        <Section title="What is sent">
          <JsonView value={value} label="Arguments" />
        </Section>
      </div>
    </Chapter>
  )
}
