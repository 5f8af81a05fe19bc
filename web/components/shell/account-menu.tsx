import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { Menu, MenuItem } from '@/components/ui/menu.tsx'
import { toastProblem } from '@/components/ui/toast.tsx'
import { api } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { ProblemError } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { session } from '@/lib/session.ts'
import { chooseTheme, subscribeTheme, type Theme, themeNow } from '@/lib/theme.ts'

const THEMES: readonly { readonly theme: Theme; readonly label: string; readonly icon: typeof Sun }[] = [
  { theme: 'system', label: 'Theme of the system', icon: Monitor },
  { theme: 'light', label: 'Light theme', icon: Sun },
  { theme: 'dark', label: 'Dark theme', icon: Moon },
]

/** Who is signed in, the theme, and the way out. */
export function AccountMenu() {
  const { data } = useApi('whoami', {}, { staleTime: 60_000 })
  const theme = useSyncExternalStore(subscribeTheme, themeNow)
  const signOut = useSignOut()
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="flex w-full items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-hover">
          <span className="min-w-0 grow">
            <span className="block truncate text-sm font-medium">{data === undefined ? '…' : inertLine(data.name, 60)}</span>
            <span className="block truncate text-xs text-faint">{data?.kind === 'owner' ? 'Owner' : 'Key'}</span>
          </span>
          <ChevronsUpDown aria-hidden className="size-4 text-faint" />
          <span className="sr-only">Account and theme</span>
        </button>
      }
    >
      {THEMES.map(({ theme: each, label, icon: Icon }) => (
        <MenuItem key={each} icon={<Icon />} onSelect={() => chooseTheme(each)}>
          {label}
          {theme === each && <span className="ml-auto text-xs text-accent-text">on</span>}
        </MenuItem>
      ))}
      <div className="my-1 border-t" />
      <MenuItem icon={<LogOut />} onSelect={signOut}>
        Sign out
      </MenuItem>
    </Menu>
  )
}

function useSignOut(): () => void {
  const navigate = useNavigate()
  const queries = useQueryClient()
  return () => {
    void (async () => {
      try {
        await api('deleteSession', {}, { keepsSession: true })
      } catch (error) {
        // A session that is gone already is as good as ended.
        if (!(error instanceof ProblemError && error.problem.status === 401)) return toastProblem(error)
      }
      await navigate({ to: '/app/sign-in', search: { reason: 'signed-out' } })
      session.end()
      queries.clear()
    })()
  }
}
