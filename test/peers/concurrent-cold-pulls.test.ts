import { expect, test } from 'vitest'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { pullRaw } from '../support/lab/raw-client.ts'
import { startRegistry } from '../support/lab/registry.ts'

const clientCount = 50
const recipe = { seed: 'concurrent', layerSizes: [100_000_000] }

describePeers('concurrent cold pulls', ['curl', 'openssl'], (lab) => {
  test(`${clientCount} clients of one cold blob get it for one request to the upstream`, async () => {
    const upstream = await startRegistry(lab)
    const target = { url: upstream.url, repository: 'team/concurrent' }
    const [layer] = (await pushImage(target, '1', recipe)).layers
    const digest = layer?.digest ?? ''
    const mirror = await startMirror(lab, { url: upstream.url })

    const url = `${mirror.url}/v2/docker.io/team/concurrent/blobs/${digest}`
    const pulls = await Promise.all(Array.from({ length: clientCount }, () => pullRaw(url)))
    await upstream.stop()

    expect(pulls).toEqual(pulls.map(() => ({ isComplete: true, digest })))
    expect(await upstream.log.countBlobFetches()).toEqual({ [digest]: 1 })
  })
})
