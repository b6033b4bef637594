import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Hundreds of commands and servers are started as processes of their own: this halves what each start takes. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          // As many as the others of the first group, or Vitest refuses to run them together; with one they
          // would wait until those are through, and run one by one, as they did on two cores.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'integration',
          globalSetup: './test/support/built-program.ts',
          env,
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // They mostly wait for each other's sockets: one worker would leave a small machine idle.
          maxWorkers: 2,
        },
      },
      {
        // One file at a time: a server's memory and answers are looked at. They hold nothing of each other's.
        test: {
          name: 'fuzz',
          globalSetup: './test/support/built-program.ts',
          env,
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: (Number(process.env.FUZZ_SECONDS ?? 0) + 60) * 1000,
          hookTimeout: 30_000,
          fileParallelism: false,
          isolate: false,
          // After the others: these look at how much memory a server takes, too.
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real registries and clients: one file at a time, since a test machine is small.
        test: {
          name: 'peers',
          globalSetup: './test/support/built-program.ts',
          env,
          include: ['test/peers/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // In a real browser, against a real server.
        test: {
          name: 'ui',
          globalSetup: './test/support/built-program.ts',
          env,
          include: ['test/ui/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The same where it is looked at how long things take: last, and one file at a time.
        test: {
          name: 'ui-timed',
          globalSetup: './test/support/built-program.ts',
          env,
          include: ['test/ui/timed/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
