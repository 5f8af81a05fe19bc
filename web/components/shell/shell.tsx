import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Menu as MenuIcon } from 'lucide-react'
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { patiently } from '@/lib/patiently.ts'
import { session } from '@/lib/session.ts'
import { Connection } from './connection.tsx'
import { Wordmark } from './mark.tsx'
import { NAVIGATION } from './navigation.ts'
import { useOverlay } from './overlay.ts'
import { PaletteButton, Shortcuts } from './shortcuts.tsx'

// Menus and drawers bring code for positions and focus along, which the first view does not need.
const loadDrawer = patiently(() => import('./places-drawer.tsx'))
const PlacesDrawer = lazy(async () => ({ default: (await loadDrawer()).PlacesDrawer }))
const AccountMenu = lazy(patiently(async () => ({ default: (await import('./account-menu.tsx')).AccountMenu })))

/** The frame around every page behind the sign-in: places on the left, the page on the right. */
export function Shell() {
  useSignOutWithSession()
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[14.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-70 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:rounded-md focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col border-r bg-surface lg:flex">
        <Places />
      </aside>
      <div className="flex min-w-0 flex-col">
        <NarrowBar />
        <Connection />
        <main id="main" tabIndex={-1} className="min-w-0 grow outline-none">
          <Outlet />
        </main>
      </div>
      <Shortcuts />
    </div>
  )
}

function Places() {
  return (
    <>
      <div className="px-4 pt-5 pb-4">
        <Link to="/app" aria-label="Sallyport, overview">
          <Wordmark />
        </Link>
      </div>
      <div className="px-3 pb-3">
        <PaletteButton />
      </div>
      <nav aria-label="Places" className="flex grow flex-col gap-px overflow-y-auto px-3">
        {NAVIGATION.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/app', includeSearch: false }}
            className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium text-soft hover:bg-hover hover:text-text data-[status=active]:bg-accent-soft data-[status=active]:text-accent-text"
          >
            <Icon aria-hidden className="size-4" />
            {label}
          </Link>
        ))}
      </nav>
      <div className="h-[4.5rem] border-t p-3">
        <Suspense>
          <AccountMenu />
        </Suspense>
      </div>
    </>
  )
}

/** On narrow screens the places are a drawer behind a button. */
function NarrowBar() {
  const [isOpen, setIsOpen] = useState(false)
  const [hasOpened, setHasOpened] = useState(false)
  if (isOpen && !hasOpened) setHasOpened(true)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const overlay = useOverlay()
  useEffect(() => setIsOpen(false), [path, overlay])
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b bg-surface px-2 lg:hidden">
      <Button
        variant="ghost"
        size="icon"
        aria-label="Open the menu"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className="size-10"
        onPointerEnter={() => void loadDrawer()}
        onClick={() => setIsOpen(true)}
      >
        <MenuIcon />
      </Button>
      <Suspense>
        {hasOpened && (
          <PlacesDrawer isOpen={isOpen} onClose={() => setIsOpen(false)}>
            <Places />
          </PlacesDrawer>
        )}
      </Suspense>
      <Link to="/app">
        <Wordmark className="text-base" />
      </Link>
    </header>
  )
}

/** When the session ends, here or in another tab, this page goes to the sign-in and remembers where it was. */
function useSignOutWithSession(): void {
  const navigate = useNavigate()
  const isSignedIn = useSyncExternalStore(session.subscribe, () => session.proof() !== null)
  const here = useRouterState({ select: ({ location }) => location.href })
  useEffect(() => {
    if (!isSignedIn) void navigate({ to: '/app/sign-in', search: { next: here, reason: 'ended' }, replace: true })
    // Only the end of the session matters, not each change of place.
  }, [isSignedIn])
}
