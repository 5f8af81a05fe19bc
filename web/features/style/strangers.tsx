import { useState } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Facts, Section } from '@/components/ui/layout.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { HOSTILE_TEXTS, LARGE_TEXT } from './samples.ts'
import { Chapter } from './specimen.tsx'

/** Texts that others wrote, at their worst. */
export function Strangers() {
  const [hasLarge, setHasLarge] = useState(false)
  return (
    <Chapter
      id="strangers"
      title="Texts of strangers"
      rule="What servers, tools and callers write is shown as the characters it is: no markup, no links, hidden characters made visible, length bounded."
    >
      <Section title="In sentences">
        <Facts facts={HOSTILE_TEXTS.map(([name, text]) => [name, <Untrusted key={name} text={text} />])} />
      </Section>
      <Section title="In JSON" isPadded={false}>
        <div className="p-3">
          <JsonView value={Object.fromEntries([...HOSTILE_TEXTS, ['\u202Ekey with a direction', true]])} label="Hostile texts" />
        </div>
      </Section>
      <Section
        title="One megabyte"
        actions={
          <Button size="sm" onClick={() => setHasLarge(!hasLarge)}>
            {hasLarge ? 'Hide text' : 'Show text'}
          </Button>
        }
      >
        {hasLarge ? (
          <JsonView value={{ text: LARGE_TEXT, lines: Array.from({ length: 50_000 }, (_, line) => line) }} label="A large result" />
        ) : (
          <p className="text-soft">A text of {LARGE_TEXT.length} characters and a list of 50,000 numbers.</p>
        )}
      </Section>
    </Chapter>
  )
}
