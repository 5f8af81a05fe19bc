import { NAVIGATION } from './navigation.ts'

const KEY = 'sallyport.letters'

export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** `⌘K` or `Ctrl K`. */
export const commandKeys: readonly string[] = isApple ? ['⌘', 'K'] : ['Ctrl', 'K']

/** Single letters disturb those who steer by voice; they can be turned off. */
export const areLettersOn = (): boolean => localStorage.getItem(KEY) !== 'off'

export function turnLetters(isOn: boolean): void {
  if (isOn) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, 'off')
}

export interface ShortcutGroup {
  readonly title: string
  readonly rows: readonly (readonly [label: string, ...keys: string[]])[]
}

/** What the sheet of shortcuts lists. */
export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    rows: [
      ['Search, go anywhere, act', ...commandKeys],
      ['Search on this page', '/'],
      ['Show the shortcuts', '?'],
      ['Close what is open', 'Esc'],
    ],
  },
  { title: 'Go to', rows: NAVIGATION.map(({ label, key }) => [label, 'G', key.toUpperCase()]) },
  {
    title: 'Lists and tables',
    rows: [
      ['Next, previous row', '↓', '↑'],
      ['First, last row', 'Home', 'End'],
      ['Open the row', 'Enter'],
    ],
  },
  {
    title: 'JSON',
    rows: [
      ['Open, close', '→', '←'],
      ['Copy the value of the row', isApple ? '⌘' : 'Ctrl', 'C'],
      ['Indent in the editor', isApple ? '⌘' : 'Ctrl', ']'],
    ],
  },
]
