import { isDeepStrictEqual } from 'node:util'
import type { Config } from './config.ts'

const keysReadAtStart = ['listen', 'dockerListen', 'data', 'store', 'threads', 'tls'] as const

/** The keys that changed and that a running server does not take up. */
export function restartKeys(previous: Config, next: Config): string[] {
  return keysReadAtStart.filter((key) => !isDeepStrictEqual(previous[key], next[key]))
}
