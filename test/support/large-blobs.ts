import { digestOf, makeBytes } from './image-builder.ts'
import { ask } from './raw-client.ts'
import { limitEach } from './scripted-behaviour.ts'
import type { Behaviour, ScriptedUpstream } from './scripted-upstream.ts'
import { startMirrored } from './start-mirrored.ts'
import type { Settings, StartedServer } from './start-server.ts'

export const mebibyte = 1024 * 1024
export const pieceBytes = 2 * mebibyte
export const size = 64 * mebibyte
export const bytesPerSecond = 5_000_000
/** How long one connection takes. */
export const aloneMs = (size / bytesPerSecond) * 1000
export const blobs = /^GET .*blobs/
const bodies = ['a', 'b'].map((seed) => makeBytes(seed, size))

/** An upstream with two blobs, each connection to which is limited unless the test says otherwise. */
export const startWithBlobs = async (
  settings: Settings = {},
  behaviour: Behaviour = limitEach(bytesPerSecond),
) => {
  const mirrored = await startMirrored(settings)
  const { upstream } = mirrored
  const repository = upstream.repository('team/app')
  const digests = bodies.map((body) => repository.addBlob(body))
  const [first = '', second = ''] = digests.map((digest) => `/v2/team/app/blobs/${digest}`)
  upstream.script(blobs, behaviour)
  return { ...mirrored, repository, digests, first, second, most: watchConnections(upstream) }
}

/** Gives how many connections for blobs there were at most; one more asked what the registry wants. */
const watchConnections = (upstream: ScriptedUpstream) => {
  let most = 0
  upstream.script(blobs, (usual) => {
    most = Math.max(most, upstream.openConnections - 1)
    return usual
  })
  return () => most
}

export const pull = async (server: StartedServer, path: string) => {
  const startedAt = performance.now()
  const { body } = await ask(server, path)
  return { digest: digestOf(body), ms: performance.now() - startedAt }
}

export const costOf = (upstream: ScriptedUpstream, path: string) =>
  upstream.bytesSent(`GET ${path}`) / size

export const isPart: (range: string | undefined) => boolean = (range) => /-\d+$/.test(range ?? '')
