import { beforeAll, expect, test } from 'vitest'
import { FaultProxy } from '../support/fault-proxy.ts'
import type { Descriptor } from '../support/image-builder.ts'
import { waitUntil } from '../support/lab/background-process.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { isKept, sizeOfPartials } from '../support/lab/kept-blobs.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { pullRaw } from '../support/lab/raw-client.ts'
import { startRegistry } from '../support/lab/registry.ts'

const layerBytes = 256 * 1024 * 1024
// The fetch takes some seconds, in which the right moment can be seen.
const bytesPerSecond = 80_000_000

const cases = [
  { repository: 'team/one', settings: { maxConnections: 1 } },
  // What is gathered ahead over several connections is in memory, and lost.
  { repository: 'team/several', settings: {} },
]

describePeers('a server killed at 60 % of a fetch', ['openssl'], (lab) => {
  let upstream: Awaited<ReturnType<typeof startRegistry>>

  beforeAll(async () => {
    upstream = await startRegistry(lab)
  })

  test.each(cases)('fetches only the rest of $repository when it is back', async (each) => {
    const { repository, settings } = each
    const recipe = { seed: repository, layerSizes: [layerBytes] }
    const { layers } = await pushImage({ url: upstream.url, repository }, '1', recipe)
    const layer = layers[0] as Descriptor
    const proxy = await FaultProxy.start({ port: upstream.port })
    lab.onClose(() => proxy.stop())
    await proxy.limit(bytesPerSecond)
    const first = await startMirror(lab, { url: proxy.url, ...settings })
    const url = `${first.url}/v2/docker.io/${repository}/blobs/${layer.digest}`
    const broken = pullRaw(url)
    const hasMost = async () => (await sizeOfPartials(first.data)) >= 0.6 * layer.size
    await waitUntil('60 % have arrived', hasMost)
    await first.kill()
    expect((await broken).isComplete).toBe(false)
    expect(isKept(first.data, layer.digest)).toBe(false)

    const again = { url: proxy.url, ...settings }
    const second = await startMirror(lab, again, { port: first.port })
    expect(await pullRaw(url)).toEqual({ isComplete: true, digest: layer.digest })
    const ratio = (proxy.bytesToClient / layer.size).toFixed(3)
    console.info(`${ratio}x the layer from upstream in both runs together`)
    await second.stop()
    expect(proxy.bytesToClient).toBeGreaterThanOrEqual(layer.size)
    expect(proxy.bytesToClient).toBeLessThanOrEqual(1.05 * layer.size)
  })
})
