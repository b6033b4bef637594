import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** `npm run screenshots` makes those in docs/screenshots anew. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    globalSetup: './test/support/built-program.ts',
    include: ['test/screenshots/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
