import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { apiRoutes } from './web/build/api-routes.ts'
import { precompress } from './web/build/precompress.ts'

const WEB = join(import.meta.dirname, 'web')

/** `npm run build` makes the console; `npx vite --port 0` serves it with reload, beside a server on SALLYPORT_URL. */
export default defineConfig({
  root: WEB,
  base: '/app/',
  plugins: [react(), tailwindcss(), apiRoutes(), precompress()],
  resolve: { alias: { '@': WEB } },
  build: {
    outDir: join(WEB, 'dist'),
    emptyOutDir: true,
    // A data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
})
