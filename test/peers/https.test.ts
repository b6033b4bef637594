import { beforeAll, expect, test } from 'vitest'
import { type Certificates, makeCertificates } from '../support/lab/certificates.ts'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample, type Sample } from '../support/lab/sample-images.ts'

describePeers('a mirror that speaks HTTPS', [...programsOf(allClients), 'openssl'], (lab) => {
  let sample: Sample
  let certificates: Certificates
  let clients: Record<ClientName, Client>
  let port: number

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    sample = await pushSample(upstream, 'medium')
    certificates = await makeCertificates(lab.path('tls'), { isChained: true })
    const { certFile: cert, keyFile: key, caFile: mirrorCa } = certificates
    const mirror = await startMirror(lab, { url: upstream.url }, { config: { tls: { cert, key } } })
    port = mirror.port
    clients = await startClients(lab, port, allClients, { mirrorCa })
  })

  for (const client of allClients) {
    test(`gives ${client}, who knows the root CA, an image`, async () => {
      expect(sample.digests).toContain(await clients[client].pull(sample.byTag))
    })
  }

  test('is not believed by skopeo, who knows another CA', async () => {
    const { caFile: mirrorCa } = await makeCertificates(lab.path('other'))
    const { skopeo } = await startClients(lab, port, ['skopeo'], { mirrorCa })
    await expect(skopeo.pull(sample.byTag)).rejects.toThrow(/certificate signed by unknown/)
  })
})
