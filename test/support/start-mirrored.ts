import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { ask, type Reply } from './raw-client.ts'
import { ScriptedUpstream } from './scripted-upstream.ts'
import { type Settings, type StartedServer, startServer } from './start-server.ts'
import { makeTemporaryDirectory } from './temporary-directory.ts'

export interface Mirrored {
  /** docker.io, the default upstream, as far as the server knows. */
  readonly upstream: ScriptedUpstream
  readonly server: StartedServer
  readonly clock: Clock
  /** The settings that the server runs with. */
  readonly settings: Settings
  /** Stops the server and starts it again with the same data. */
  restart(changed?: Settings): Promise<StartedServer>
}

/** The server's clock, which also goes by itself. */
export interface Clock {
  advance(ms: number): void
}

/** The default of tagTtl. */
export const tagTtlMs = 5 * 60_000

/** A scripted upstream and our server before it; both end with the test that called this. */
export const startMirrored = async (
  ofUpstream: Settings = {},
  others: Settings = {},
): Promise<Mirrored> => {
  const upstream = await startUpstream()
  const settings = { upstreams: { 'docker.io': { url: upstream.url, ...ofUpstream } }, ...others }
  const folder = await makeFolder()
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const clock: Clock = {
    advance: (ms) => {
      aheadMs += ms
    },
  }
  const server = await startServerForTest(folder, settings, now)
  const restart = async (changed = settings) => {
    await server.stop()
    return startServerForTest(folder, changed, now)
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
