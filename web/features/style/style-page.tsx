import { Page } from '@/components/ui/layout.tsx'
import { Buttons, Choices, Fields, Texts } from './controls.tsx'
import { Charts, Flight, Json } from './data.tsx'
import { Forms } from './forms.tsx'
import { Colors, Type } from './foundations.tsx'
import { Lists } from './lists.tsx'
import { Overlays } from './overlays.tsx'
import { Strangers } from './strangers.tsx'

const CHAPTERS = [
  ['colors', 'Colours', Colors],
  ['type', 'Type', Type],
  ['buttons', 'Buttons', Buttons],
  ['fields', 'Fields', Fields],
  ['choices', 'Choices', Choices],
  ['texts', 'Texts', Texts],
  ['lists', 'Lists', Lists],
  ['overlays', 'What floats', Overlays],
  ['json', 'JSON', Json],
  ['forms', 'Forms', Forms],
  ['charts', 'Charts', Charts],
  ['flight', 'Flight record', Flight],
  ['strangers', 'Strangers', Strangers],
] as const

/** Everything the console is made of, to look at and to try. */
export function StylePage() {
  return (
    <Page title="House style" description="What the console is made of. Change the theme, the width and the text size here first.">
      <nav
        aria-label="Chapters"
        className="sticky top-12 z-20 -mx-4 flex gap-1 overflow-x-auto border-b bg-ground px-4 py-1.5 sm:-mx-8 sm:px-8 lg:top-0"
      >
        {CHAPTERS.map(([id, label]) => (
          <a key={id} href={`#${id}`} className="rounded-md px-2 py-1 text-sm whitespace-nowrap text-soft hover:bg-hover hover:text-text">
            {label}
          </a>
        ))}
      </nav>
      {CHAPTERS.map(([id, , Part]) => (
        <Part key={id} />
      ))}
    </Page>
  )
}
