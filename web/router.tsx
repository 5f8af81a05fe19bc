import { createRouter } from '@tanstack/react-router'
import { activityRoute } from './routes/activity.tsx'
import { deploymentRoute, deploymentsRoute } from './routes/deployments.tsx'
import { firstRunRoute, problemRoute, problemsRoute, signInRoute, welcomeRoute } from './routes/entrance.tsx'
import { keysRoute } from './routes/keys.tsx'
import { overviewRoute } from './routes/overview.tsx'
import { playgroundRoute } from './routes/playground.tsx'
import { profileRoute, profilesRoute } from './routes/profiles.tsx'
import { rootRoute, shellRoute } from './routes/root.tsx'
import { settingsRoute } from './routes/settings.tsx'
import { styleRoute } from './routes/style.tsx'

/** Every address of the console. A page without a row here does not exist. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    welcomeRoute,
    signInRoute,
    firstRunRoute,
    problemsRoute,
    problemRoute,
    shellRoute.addChildren([
      overviewRoute,
      profilesRoute,
      profileRoute,
      deploymentsRoute,
      deploymentRoute,
      playgroundRoute,
      activityRoute,
      keysRoute,
      settingsRoute,
      styleRoute,
    ]),
  ]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingMs: 300,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
