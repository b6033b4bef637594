import { isDeepStrictEqual } from 'node:util'
import type { Config } from './config.ts'

const keysReadAtStart = ['listen', 'dockerListen', 'data', 'store', 'threads'] as const

/** The keys that changed and that a running server does not take up. */
export function restartKeys(previous: Config, next: Config): string[] {
  const changed = keysReadAtStart.filter((key) => !isDeepStrictEqual(previous[key], next[key]))
  // A running server renews its certificate; what it can't change is whether there is one.
  const isTlsSwitched = (previous.tls === undefined) !== (next.tls === undefined)
  return isTlsSwitched ? [...changed, 'tls'] : changed
}

/** What a running server goes by once `next` is taken up: the keys that wait for a restart stay as they are. */
export function takeUp(running: Config, next: Config): Config {
  const kept = Object.fromEntries(keysReadAtStart.map((key) => [key, running[key]]))
  const isTlsSwitched = (running.tls === undefined) !== (next.tls === undefined)
  return { ...next, ...kept, tls: isTlsSwitched ? running.tls : next.tls }
}
