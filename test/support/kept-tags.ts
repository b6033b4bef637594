import { expect, vi } from 'vitest'
import { smallImage } from './image-builder.ts'
import { ask } from './raw-client.ts'
import { type MirroredThroughProxy, startThroughProxy, tagTtlMs } from './start-mirrored.ts'
import type { LogLine, Settings, StartedServer } from './start-server.ts'

export const tags: readonly string[] = ['1', '2', '3', '4', '5']

export const pathOf = (tag: string | number): string => `/v2/team/app/manifests/${tag}`

/** Five tags that are kept and due to be asked for, at an upstream behind a network that may fail. */
export const startWithKeptTags = async (settings: Settings = {}): Promise<MirroredThroughProxy> => {
  const mirrored = await startThroughProxy(settings)
  for (const tag of tags) {
    await mirrored.upstream.repository('team/app').addImage(tag, smallImage(tag))
    await ask(mirrored.server, pathOf(tag))
  }
  mirrored.clock.advance(tagTtlMs)
  return mirrored
}

/** How the answer came about: hit, miss, stale or pass. */
export const cacheOf = async (server: StartedServer, path: string) =>
  (await ask(server, path)).headers['x-entrepot-cache']

export const untilUsedAgain = (server: StartedServer, path: string): Promise<void> =>
  vi.waitFor(async () => expect(await cacheOf(server, path)).toBe('hit'), 10_000)

/** How often the log told that a URL is left alone, as a warning, and that this is over. */
export const outagesIn = ({ log }: StartedServer): { begun: number; over: number } => {
  const told = log.filter(({ url }) => url !== undefined)
  const isWarning = ({ level }: LogLine) => level === 40
  const begun = told.filter(isWarning).length
  return { begun, over: told.length - begun }
}

export const timed = async <T>(act: () => Promise<T>): Promise<{ result: T; ms: number }> => {
  const startedAt = performance.now()
  const result = await act()
  return { result, ms: performance.now() - startedAt }
}
