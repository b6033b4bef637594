import { expect } from 'vitest'
import type { MirroredThroughProxy } from './start-mirrored.ts'

/** Runs `act` and sees to it that nobody so much as knocks at upstream meanwhile. */
export const withoutAsking = async (
  { upstream, proxy }: MirroredThroughProxy,
  act: () => Promise<unknown>,
): Promise<void> => {
  const before = { requests: upstream.requests.length, connections: proxy.connections }
  await act()
  expect(upstream.requests.slice(before.requests)).toEqual([])
  expect(proxy.connections).toBe(before.connections)
}
