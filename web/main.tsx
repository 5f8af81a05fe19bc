import './styles.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Toasts } from './components/ui/toast.tsx'
import { NONCE } from './lib/nonce.ts'
import { answers } from './lib/patiently.ts'
import { queries } from './lib/queries.ts'
import './lib/theme.ts'
import { router } from './router.tsx'

// The server was updated while this page was open: its parts have new names now. One that is down has no page to load.
window.addEventListener('vite:preloadError', () => void answers().then((isUp) => isUp && window.location.reload()))

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <CSPProvider nonce={NONCE}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
)
