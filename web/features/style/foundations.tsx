import { BothThemes, Chapter, Specimen } from './specimen.tsx'

const SURFACES = [
  ['ground', 'the page'],
  ['surface', 'panels, fields'],
  ['sunken', 'code, wells'],
  ['hover', 'under the pointer'],
  ['line', 'borders'],
  ['line-strong', 'edges of controls'],
  ['accent', 'the main action'],
  ['accent-soft', 'the chosen place'],
] as const
const INKS = [
  ['text', 'what is read'],
  ['soft', 'explanations'],
  ['faint', 'labels, hints'],
  ['accent-text', 'links'],
  ['ok', 'it works'],
  ['warn', 'look at this'],
  ['bad', 'it failed'],
] as const
const CHART = [1, 2, 3, 4, 5, 6, 7, 8] as const

export function Colors() {
  return (
    <Chapter
      id="colors"
      title="Colours"
      rule="One accent, neutral greys, three states. There is no other colour, and none carries meaning alone: an icon and a word stand beside it."
    >
      <BothThemes>
        <div className="flex flex-col gap-4">
          <ul className="grid grid-cols-2 gap-2 sm:grid-cols-4">
            {SURFACES.map(([name, use]) => (
              <li key={name} className="text-xs">
                <span className="block h-10 rounded-md border" style={{ background: `var(--${name})` }} />
                <span className="mt-1 block font-mono">{name}</span>
                <span className="block text-faint">{use}</span>
              </li>
            ))}
          </ul>
          <ul className="grid grid-cols-2 gap-x-4 gap-y-1 text-sm">
            {INKS.map(([name, use]) => (
              <li key={name} className="flex items-baseline gap-2">
                <span className="font-medium" style={{ color: `var(--${name})` }}>
                  {name}
                </span>
                <span className="text-xs text-faint">{use}</span>
              </li>
            ))}
          </ul>
          <ul className="flex gap-1" aria-label="Colours of charts">
            {CHART.map((each) => (
              <li key={each} className="h-8 grow rounded-sm" style={{ background: `var(--chart-${each})` }}>
                <span className="sr-only">chart-{each}</span>
              </li>
            ))}
          </ul>
        </div>
      </BothThemes>
    </Chapter>
  )
}

const SIZES = [
  ['text-2xl font-semibold tracking-tight', '28 first run'],
  ['text-xl font-semibold tracking-tight', '20 page'],
  ['text-lg font-semibold', '16 dialog, chapter'],
  ['text-base', '14 text'],
  ['text-sm', '13 tables and controls'],
  ['text-xs', '12 labels'],
] as const
const STEPS = [4, 8, 12, 16, 24, 32, 64] as const

export function Type() {
  return (
    <Chapter
      id="type"
      title="Type and space"
      rule="Geist for text, Geist Mono for names and code. Numbers are tabular. Distances are steps of 4 px."
    >
      <div className="grid gap-6 lg:grid-cols-2">
        <Specimen name="Sizes" className="flex flex-col gap-2">
          {SIZES.map(([className, name]) => (
            <p key={name} className={className}>
              Every call passes the door <span className="text-xs font-normal tracking-normal text-faint">{name}</span>
            </p>
          ))}
          <p className="font-mono text-sm">notes__search · sp_7Qm2 · 0O 1lI</p>
          <p data-tabular className="text-sm">
            1,111.1 ms
            <br />
            8,888.8 ms
          </p>
        </Specimen>
        <Specimen name="Steps" className="flex flex-col gap-2">
          {STEPS.map((step) => (
            <div key={step} className="flex items-center gap-3 text-xs text-faint">
              <span className="w-6 text-right" data-tabular>
                {step}
              </span>
              <span className="h-3 rounded-[2px] bg-accent" style={{ width: step * 3 }} />
            </div>
          ))}
          <p className="mt-2 text-sm text-soft">
            Corners: 4 badges, 6 controls, 10 panels. Borders before shadows; only what floats has one.
          </p>
        </Specimen>
      </div>
    </Chapter>
  )
}
