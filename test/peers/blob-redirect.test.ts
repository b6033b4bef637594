import { beforeAll, expect, test } from 'vitest'
import { type Cdn, startCdn } from '../support/lab/cdn.ts'
import { makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { eachOnce, pushSample, type Sample } from '../support/lab/sample-images.ts'

const names = ['skopeo', 'containerd'] as const

describePeers('a mirror of a registry with a CDN', programsOf(names).concat('nginx'), (lab) => {
  let upstream: Registry
  let cdn: Cdn
  let sample: Sample
  let clients: Record<(typeof names)[number], Client>

  beforeAll(async () => {
    const certificates = await makeCertificates(lab.path('tls'))
    const { ca, caFile } = certificates
    const storage = lab.path('storage')
    cdn = await startCdn(lab, { storage, certificates })
    upstream = await startRegistry(lab, { storage, certificates, redirectTo: cdn.url })
    sample = await pushSample({ ...upstream, ca }, 'medium')
    const allowHosts = [new URL(cdn.url).host]
    const mirror = await startMirror(lab, { url: upstream.url, ca: caFile, allowHosts })
    clients = await startClients(lab, mirror.port, names)
  })

  for (const client of names) {
    test(`gives ${client} an image`, async () => {
      expect(sample.digests).toContain(await clients[client].pull(sample.byTag))
    })
  }

  test('asks the registry and the CDN once for each blob', async () => {
    await Promise.all([upstream.stop(), cdn.stop()])
    const once = eachOnce(sample.blobs)
    expect(await upstream.log.countBlobFetches()).toEqual(once)
    expect(await cdn.log.countBlobFetches()).toEqual(once)
  })
})
