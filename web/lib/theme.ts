export type Theme = 'system' | 'light' | 'dark'

const KEY = 'sallyport.theme'
const system = matchMedia('(prefers-color-scheme: dark)')

const listeners = new Set<() => void>()

export const themeNow = (): Theme => (localStorage.getItem(KEY) as Theme | null) ?? 'system'

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  apply()
}

function apply(): void {
  const theme = themeNow()
  document.documentElement.classList.toggle('dark', theme === 'dark' || (theme === 'system' && system.matches))
  for (const listener of listeners) listener()
}

/** For `useSyncExternalStore` with `themeNow`. */
export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

system.addEventListener('change', apply)
// Another tab chose.
window.addEventListener('storage', (event) => {
  if (event.key === KEY || event.key === null) apply()
})
