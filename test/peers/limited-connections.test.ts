import { beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/lab/client.ts'
import { startContainerd } from '../support/lab/containerd.ts'
import { curl } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { moveFarAway } from '../support/lab/far-upstream.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { openNamespace } from '../support/lab/namespace.ts'
import { linkNamespaces } from '../support/lab/network-link.ts'
import type { Place } from '../support/lab/place.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { startRegistry } from '../support/lab/registry.ts'

const mebibyte = 1024 * 1024
const images = {
  one: { layerSizes: [64 * mebibyte], wantedTimes: 2 },
  // Directly, too, each has a connection of its own, and all are unpacked at the end.
  four: { layerSizes: Array.from({ length: 4 }, () => 48 * mebibyte), wantedTimes: 1.5 },
} as const
type Name = keyof typeof images
// Of both: LONG_RUNS=1 npx vitest run --project peers test/peers/limited-connections.test.ts
const names: readonly Name[] = process.env.LONG_RUNS ? ['one', 'four'] : ['four']
// The line is to be what limits, and not a small machine that all of it shares: `npm run bench`
// measures more, over a line that is several times as fast.
const distance = { connectionBytesPerSecond: 3_000_000, roundTripMs: 40 }
/** In which a layer comes directly; a little less than the limit says: a connection may begin with a burst. */
const leastSeconds = (bytes: number) => (0.9 * bytes) / distance.connectionBytesPerSecond

// Containerd and the mirror are at one end of a cable, the registry at the other. Images are pushed
// to a registry out here, which has the same storage.
describePeers(
  'an upstream that is far and limits connections',
  ['containerd', 'ctr', 'tc'],
  (lab) => {
    const digests = { one: '', four: '' }
    let nearEnd: Place
    let url: string
    let direct: Client
    /** By a mirror of its own, which knows nothing of the upstream yet. */
    let startMirrored: (folder: string) => Promise<Client>

    beforeAll(async () => {
      const [near, far] = [await openNamespace(lab), await openNamespace(lab)]
      const link = await linkNamespaces(near, far)
      const [, farEnd] = link.ends
      nearEnd = link.ends[0]
      const pushed = await startRegistry(lab)
      for (const name of names) {
        const target = { url: pushed.url, repository: 'team/far' }
        const image = await pushImage(target, name, {
          seed: name,
          layerSizes: images[name].layerSizes,
        })
        digests[name] = image.descriptor.digest
      }
      const { port } = await startRegistry(lab, { storage: pushed.storage, place: farEnd })
      const upstream = await moveFarAway(lab, { link, port }, distance)
      console.info(`far away by ${upstream.means}`)
      url = `http://${farEnd.address}:${upstream.port}`
      const client = (folder: string, mirrorAddress: string, mirrorPort: number) =>
        startContainerd({ lab, namespace: near, folder, mirrorAddress, mirrorPort })
      direct = await client('direct', farEnd.address, upstream.port)
      startMirrored = async (folder) => {
        const mirror = await startMirror(lab, { url }, { place: nearEnd })
        return client(folder, nearEnd.address, mirror.port)
      }
    })

    const pull = async (client: Client, name: Name): Promise<number> => {
      const startedAt = performance.now()
      const digest = await client.pull(`docker.io/team/far:${name}`)
      const seconds = (performance.now() - startedAt) / 1000
      expect(digest).toBe(digests[name])
      return seconds
    }

    const pullBothWays = async (name: Name) => {
      const mirrored = await startMirrored(`mirrored-${name}`)
      const seconds = { direct: await pull(direct, name), mirrored: await pull(mirrored, name) }
      const [itself, through] = [seconds.direct, seconds.mirrored].map((it) => it.toFixed(1))
      console.info(`layers: ${name}, ${itself} s directly, ${through} s through the mirror`)
      return seconds
    }

    test('is as far away as it is meant to be', async () => {
      const { status, seconds } = await curl(nearEnd, `${url}/v2/`)
      expect(status).toBe(200)
      // One round trip for the connection, one for the answer.
      expect(seconds).toBeGreaterThanOrEqual((2 * distance.roundTripMs) / 1000)
    })

    test.for(names)(
      "gives an image with layers: %s sooner to the mirror's client",
      async (name) => {
        const { layerSizes, wantedTimes } = images[name]
        const seconds = await pullBothWays(name)
        // Else upstream was no bottleneck, and the comparison means nothing.
        expect(seconds.direct).toBeGreaterThan(leastSeconds(layerSizes[0]!))
        expect(seconds.direct / seconds.mirrored).toBeGreaterThanOrEqual(wantedTimes)
      },
    )
  },
)
