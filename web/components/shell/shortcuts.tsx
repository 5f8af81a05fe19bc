import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { lazy, Suspense, useEffect } from 'react'
import { Kbd } from '@/components/ui/layout.tsx'
import { patiently } from '@/lib/patiently.ts'
import { createKeyReader } from './key-intent.ts'
import { areLettersOn, commandKeys, isApple } from './keyboard.ts'
import { NAVIGATION } from './navigation.ts'
import { overlayNow, showOverlay, useOverlay } from './overlay.ts'

const loadPalette = patiently(() => import('./palette.tsx'))
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }))
const ShortcutsDialog = lazy(patiently(async () => ({ default: (await import('./shortcuts-dialog.tsx')).ShortcutsDialog })))

/** Opens the palette. */
export function PaletteButton() {
  return (
    <button
      type="button"
      aria-keyshortcuts={isApple ? 'Meta+K' : 'Control+K'}
      className="flex h-8 w-full items-center gap-2 rounded-md border bg-sunken px-2 text-sm text-faint hover:border-line-strong"
      onPointerEnter={() => void loadPalette()}
      onClick={() => showOverlay('palette')}
    >
      <Search aria-hidden className="size-4" />
      Search
      <span aria-hidden className="ml-auto flex gap-0.5">
        {commandKeys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </button>
  )
}

/** Listens for the shortcuts of the whole console and shows what they open. */
export function Shortcuts() {
  const overlay = useOverlay()
  useShortcuts()
  return (
    <Suspense>
      {overlay === 'palette' && <Palette onClose={() => showOverlay(null)} />}
      {overlay === 'shortcuts' && <ShortcutsDialog onClose={() => showOverlay(null)} />}
    </Suspense>
  )
}

const TAKEN =
  'input,textarea,select,[contenteditable="true"],[role="textbox"],[role="combobox"],[role="menu"],[role="listbox"],[role="dialog"]'

function useShortcuts(): void {
  const navigate = useNavigate()
  useEffect(() => {
    const read = createKeyReader(NAVIGATION)
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return
      const element = event.target instanceof Element ? event.target : document.body
      const intent = read(
        {
          key: event.key,
          hasCommand: isApple ? event.metaKey : event.ctrlKey,
          hasOther: event.altKey || (isApple ? event.ctrlKey : event.metaKey),
          isTaken: overlayNow() !== null || element.closest(TAKEN) !== null,
          atMs: event.timeStamp,
        },
        areLettersOn(),
      )
      if (intent === null) return
      event.preventDefault()
      if (intent.kind === 'go') void navigate({ to: intent.to })
      else if (intent.kind === 'search') focusSearch()
      else showOverlay(overlayNow() === intent.kind ? null : intent.kind)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/** The search field of the page; where there is none, the palette. */
function focusSearch(): void {
  const field = [...document.querySelectorAll<HTMLElement>('[data-search]')].find((each) => each.checkVisibility())
  if (field === undefined) return showOverlay('palette')
  field.focus()
  if (field instanceof HTMLInputElement) field.select()
}
