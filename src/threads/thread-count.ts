import { availableParallelism } from 'node:os'

const mostOfItself = 4
/** Where the kernel shares one port's connections out among several listeners. */
const sharingPlatforms: readonly NodeJS.Platform[] = ['linux', 'freebsd']

/** How many threads serve, the main one among them. */
export function countThreads(threads: 'auto' | number, platform = process.platform): number {
  if (!sharingPlatforms.includes(platform)) return 1
  return threads === 'auto' ? Math.min(availableParallelism(), mostOfItself) : threads
}
