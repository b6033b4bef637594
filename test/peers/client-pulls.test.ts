import { beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { eachOnce, pushSamples, type Sample } from '../support/lab/sample-images.ts'

const sampleNames = ['small', 'big', 'three-platform'] as const

describePeers('a mirror of an open registry', programsOf(allClients), (lab) => {
  let upstream: Registry
  let samples: Record<(typeof sampleNames)[number], Sample>
  let clients: Record<ClientName, Client>

  beforeAll(async () => {
    upstream = await startRegistry(lab)
    samples = await pushSamples(upstream, sampleNames)
    const mirror = await startMirror(lab, { url: upstream.url })
    clients = await startClients(lab, mirror.port, allClients)
  })

  for (const name of sampleNames) {
    for (const client of allClients) {
      test(`gives ${client} the ${name} image`, async () => {
        const digest = await clients[client].pull(samples[name].byTag)
        expect(samples[name].digests).toContain(digest)
      })
    }
  }

  test('asks the upstream once for each blob', async () => {
    await upstream.stop()
    const blobs = sampleNames.flatMap((name) => samples[name].blobs)
    expect(await upstream.log.countBlobFetches()).toEqual(eachOnce(blobs))
  })
})
