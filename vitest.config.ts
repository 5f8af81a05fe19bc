import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { TestSummary } from './scripts/test-summary.ts'

export default defineConfig({
  resolve: { alias: { '@': join(import.meta.dirname, 'web') } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', new TestSummary()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'examples/**/*.test.ts', 'web/**/*.test.{ts,tsx}', 'test/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/*/**/*.test.ts'],
          exclude: ['test/bench/**', 'test/conformance/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
