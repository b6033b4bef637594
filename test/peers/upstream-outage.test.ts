import { beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { eachOnce, pushSamples, type Sample } from '../support/lab/sample-images.ts'

const sampleNames = ['small', 'medium', 'three-platform'] as const

describePeers('with its upstream stopped', programsOf(allClients), (lab) => {
  let upstream: Registry
  let samples: Record<(typeof sampleNames)[number], Sample>
  let clients: Record<ClientName, Client>

  // Every client has pulled everything once, all at the same time, and has forgotten it again.
  beforeAll(async () => {
    upstream = await startRegistry(lab)
    samples = await pushSamples(upstream, sampleNames)
    const mirror = await startMirror(lab, { url: upstream.url })
    clients = await startClients(lab, mirror.port, allClients)
    await Promise.all(Object.values(clients).map(pullAll))
    await upstream.stop()
    await Promise.all(Object.values(clients).map((client) => client.clear()))
  })

  const pullAll = async (client: Client): Promise<void> => {
    for (const { byTag } of Object.values(samples)) await client.pull(byTag)
  }

  test('the mirror has asked it once for each blob', async () => {
    const blobs = sampleNames.flatMap((name) => samples[name].blobs)
    expect(await upstream.log.countBlobFetches()).toEqual(eachOnce(blobs))
  })

  for (const client of allClients) {
    test(`gives ${client} every image by its tag`, async () => {
      for (const { byTag, digests } of Object.values(samples)) {
        expect(digests).toContain(await clients[client].pull(byTag))
      }
    })

    test(`gives ${client} every image by its digest`, async () => {
      await clients[client].clear()
      for (const { byDigest, digests } of Object.values(samples)) {
        expect(digests).toContain(await clients[client].pull(byDigest))
      }
    })
  }
})
