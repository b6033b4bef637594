import { expect, test } from 'vitest'
import type { Cut } from '../support/fault-lane.ts'
import { FaultProxy } from '../support/fault-proxy.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample, type SampleName } from '../support/lab/sample-images.ts'

const imageBytes = 256 * 1024 * 1024
const bytesPerConnection = 20_000_000

describePeers('a mirror whose upstream breaks connections', programsOf(['containerd']), (lab) => {
  // All that has passed the proxy arrives before a FIN: what was fetched twice is the mirror's doing.
  test('gives containerd 256 MiB at the first try, and fetches hardly a byte twice', async () => {
    const { connections, bytesToClient } = await pullThrough(lab, 'big', [
      bytesPerConnection,
      'fin',
    ])
    const ratio = (bytesToClient / imageBytes).toFixed(3)
    console.info(`${connections} connections, ${ratio}x the image from upstream`)
    expect(connections).toBeGreaterThanOrEqual(imageBytes / bytesPerConnection)
    expect(bytesToClient).toBeGreaterThanOrEqual(imageBytes)
    expect(bytesToClient).toBeLessThanOrEqual(1.1 * imageBytes)
  })
})

describePeers('a mirror whose upstream resets connections', programsOf(['containerd']), (lab) => {
  // What the kernel still held is lost, and has to be fetched again: how much depends on the machine.
  test('gives containerd the medium image at the first try', async () => {
    const { connections } = await pullThrough(lab, 'medium', [5_000_000, 'reset'])
    expect(connections).toBeGreaterThanOrEqual(8)
  })
})

/** Has the proxy cut every connection, pulls the sample for the first time, and returns the proxy. */
const pullThrough = async (
  lab: Lab,
  name: SampleName,
  cut: readonly [afterBytes: number, by: Cut],
): Promise<FaultProxy> => {
  const upstream = await startRegistry(lab)
  const sample = await pushSample(upstream, name)
  const proxy = await FaultProxy.start({ port: upstream.port })
  lab.onClose(() => proxy.stop())
  await proxy.cutAfter(...cut)
  const mirror = await startMirror(lab, { url: proxy.url })
  const { containerd } = await startClients(lab, mirror.port, ['containerd'])
  expect(sample.digests).toContain(await containerd.pull(sample.byTag))
  return proxy
}
