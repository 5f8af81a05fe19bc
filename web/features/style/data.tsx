import { useState } from 'react'
import { TimeChart } from '@/components/chart.tsx'
import { JsonEditor } from '@/components/json-editor.tsx'
import { explainJson } from '@/components/json-fault.ts'
import { JsonView } from '@/components/json-view.tsx'
import { Sparkline } from '@/components/sparkline.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { Switch } from '@/components/ui/toggle.tsx'
import { Waterfall } from '@/components/waterfall.tsx'
import { duration } from '@/lib/format.ts'
import { SAMPLE_JSON, samplePoints } from './samples.ts'
import { Chapter, Specimen } from './specimen.tsx'

export function Json() {
  const [text, setText] = useState('{\n  "query": "release notes",\n  "limit": 20,\n  "isExact": false,\n  "since": null\n}')
  const [isReadOnly, setIsReadOnly] = useState(false)
  const fault = explainJson(text)
  return (
    <Chapter id="json" title="JSON" rule="To read: a tree, bounded everywhere. To write: an editor that says what is wrong and where.">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Section title="View" isPadded={false}>
          <div className="max-h-96 overflow-y-auto p-3">
            <JsonView value={SAMPLE_JSON} label="A result" />
          </div>
        </Section>
        <Section title="Editor" actions={<Switch isChecked={isReadOnly} onChange={setIsReadOnly} label="Read only" />}>
          <JsonEditor
            value={text}
            onChange={setText}
            label="Arguments"
            isReadOnly={isReadOnly}
            problem={fault === null ? null : `Line ${fault.line}, column ${fault.column}: ${fault.message}`}
          />
        </Section>
      </div>
    </Chapter>
  )
}

export function Charts() {
  const [points] = useState(() => samplePoints(Date.now()))
  return (
    <Chapter
      id="charts"
      title="Charts"
      rule="Colours by token, never repeated in one drawing. Exact values stand under the pointer, and in a table for those who do not see the drawing."
    >
      <div className="grid gap-4 lg:grid-cols-2">
        <Section title="Calls">
          <TimeChart
            label="Calls in each half hour"
            points={points}
            series={[
              { key: 'ok', label: 'Answered', color: 'chart-1' },
              { key: 'refused', label: 'Refused', color: 'chart-3' },
              { key: 'failed', label: 'Failed', color: 'chart-2' },
            ]}
            kind="bar"
            isStacked
          />
        </Section>
        <Section title="Time">
          <TimeChart
            label="Time of calls"
            points={points}
            series={[
              { key: 'p50', label: 'Median', color: 'chart-1' },
              { key: 'p95', label: '95th percentile', color: 'chart-4' },
            ]}
            kind="line"
            format={duration}
          />
        </Section>
        <Section title="One series">
          <TimeChart label="Calls" points={points} series={[{ key: 'ok', label: 'Calls', color: 'chart-1' }]} kind="area" height={140} />
        </Section>
        <Section title="Nothing yet">
          <TimeChart label="Calls" points={[]} series={[{ key: 'ok', label: 'Calls', color: 'chart-1' }]} kind="area" height={140} />
        </Section>
      </div>
      <Specimen name="Beside a number" className="flex items-center gap-4">
        <span className="text-xl font-semibold" data-tabular>
          1,204
        </span>
        <Sparkline label="Calls, rising at noon" values={points.map(({ ok }) => ok)} />
        <Sparkline label="95th percentile, with a gap" values={points.map(({ p95 }) => p95)} color="chart-4" />
        <Sparkline label="No calls" values={points.map(() => 0)} color="chart-8" />
      </Specimen>
    </Chapter>
  )
}

export function Flight() {
  return (
    <Chapter
      id="flight"
      title="Flight record"
      rule="Each call keeps its steps. Bars begin where the step before ended; the shortest still shows."
    >
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Section title="Answered">
          <Waterfall
            verdict="allow"
            outcome="ok"
            totalUs={84_120}
            steps={[
              { name: 'identify', us: 61 },
              { name: 'resolve', us: 12 },
              { name: 'authorize', us: 34, note: 'grant of key laptop' },
              { name: 'limit', us: 8 },
              { name: 'inspect-call', us: 212, note: 'redacted 2 e-mail addresses' },
              { name: 'forward', us: 83_260, note: 'http 200' },
              { name: 'inspect-result', us: 480 },
            ]}
          />
        </Section>
        <Section title="Refused">
          <Waterfall
            verdict="deny"
            outcome="rate-limited"
            totalUs={140}
            steps={[
              { name: 'identify', us: 74 },
              { name: 'resolve', us: 11 },
              { name: 'authorize', us: 29, note: 'tenant' },
              { name: 'limit', us: 21, note: '600 calls a second are used up; try again in 1 s' },
            ]}
          />
        </Section>
      </div>
    </Chapter>
  )
}
