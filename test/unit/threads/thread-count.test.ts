import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { countThreads } from '../../../src/threads/thread-count.ts'

test.each([
  { platform: 'linux', threads: 3, count: 3 },
  { platform: 'freebsd', threads: 3, count: 3 },
  { platform: 'darwin', threads: 3, count: 1 },
  { platform: 'win32', threads: 3, count: 1 },
  { platform: 'darwin', threads: 'auto', count: 1 },
  { platform: 'linux', threads: 1, count: 1 },
] as const)('threads: $threads on $platform is $count', ({ platform, threads, count }) => {
  expect(countThreads(threads, platform)).toBe(count)
})

test('auto is one a core, four at most', () => {
  expect(countThreads('auto', 'linux')).toBe(Math.min(availableParallelism(), 4))
})
