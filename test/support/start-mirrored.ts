import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import type { FaultProxy } from './fault-proxy.ts'
import { MovableClock } from './movable-clock.ts'
import { ask, type Reply } from './raw-client.ts'
import { ScriptedUpstream } from './scripted-upstream.ts'
import { startProxy } from './start-proxy.ts'
import { type Settings, type StartedServer, startServer } from './start-server.ts'
import { makeTemporaryDirectory } from './temporary-directory.ts'

export interface Mirrored {
  /** docker.io, the default upstream, as far as the server knows. */
  readonly upstream: ScriptedUpstream
  readonly server: StartedServer
  readonly clock: MovableClock
  /** The settings that the server runs with. */
  readonly settings: Settings
  /** Stops the server and starts it again with the same data. */
  restart(changed?: Settings): Promise<StartedServer>
}

/** As before, with a network between the two that can fail. */
export interface MirroredThroughProxy extends Mirrored {
  readonly proxy: FaultProxy
}

/** The default of tagTtl. */
export const tagTtlMs = 5 * 60_000
/** The default of missTtl. */
export const missTtlMs = 30_000

/** A scripted upstream and our server before it; both end with the test that called this. */
export const startMirrored = async (
  ofUpstream: Settings = {},
  others: Settings = {},
): Promise<Mirrored> => {
  const upstream = await startUpstream()
  return startMirrorOf(upstream, { url: upstream.url, ...ofUpstream }, others)
}

/** The same, where the server reaches its upstream only through the proxy. */
export const startThroughProxy = async (
  ofUpstream: Settings = {},
  others: Settings = {},
): Promise<MirroredThroughProxy> => {
  const upstream = await startUpstream()
  const proxy = await startProxy(upstream)
  const mirrored = await startMirrorOf(upstream, { url: proxy.url, ...ofUpstream }, others)
  return { ...mirrored, proxy }
}

const startMirrorOf = async (
  upstream: ScriptedUpstream,
  ofUpstream: Settings,
  others: Settings,
): Promise<Mirrored> => {
  const settings = { upstreams: { 'docker.io': ofUpstream }, ...others }
  const folder = await makeFolder()
  const clock = new MovableClock()
  const server = await startServerForTest(folder, settings, clock)
  const restart = async (changed: Settings = settings) => {
    await server.stop()
    return startServerForTest(folder, changed, clock)
  }
  return { upstream, server, clock, settings, restart }
}

/** One more upstream, until the test ends. */
export const startUpstream = async (
  ...options: Parameters<typeof ScriptedUpstream.start>
): Promise<ScriptedUpstream> => {
  const upstream = await ScriptedUpstream.start(...options)
  onTestFinished(() => upstream.stop())
  return upstream
}

/** A folder that is gone when the test is. */
export const makeFolder = async (): Promise<string> => {
  const directory = await makeTemporaryDirectory()
  onTestFinished(() => directory.remove())
  return join(directory.path, 'entrepot')
}

export const startServerForTest = async (...options: Parameters<typeof startServer>) => {
  const server = await startServer(...options)
  onTestFinished(() => server.stop())
  return server
}

/** Pulls a blob until it comes from what is kept: it is synced and noted only after its last byte. */
export const pullUntilKept = (server: StartedServer, path: string): Promise<Reply> =>
  vi.waitFor(async () => {
    const reply = await ask(server, path)
    if (reply.headers['x-entrepot-cache'] !== 'hit') throw new Error(`${path} isn't kept`)
    return reply
  }, 10_000)
