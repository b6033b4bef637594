import { beforeAll, expect, test } from 'vitest'
import { type Certificates, makeCertificates, makeClientCa } from '../support/lab/certificates.ts'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { writeCertificateFolder } from '../support/lab/registries-conf.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample, type Sample } from '../support/lab/sample-images.ts'

const names = ['skopeo', 'podman', 'containerd'] as const

describePeers('a mirror that requires certificates', [...programsOf(names), 'openssl'], (lab) => {
  let sample: Sample
  let own: Certificates
  let clients: Awaited<ReturnType<typeof startClients<(typeof names)[number]>>>
  let port: number

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    sample = await pushSample(upstream, 'small')
    own = await makeCertificates(lab.path('tls'))
    const ca = await makeClientCa(lab.path('clients'))
    const clientCertificate = await ca.issue('client')
    const { certFile: cert, keyFile: key, caFile: mirrorCa } = own
    const tls = { cert, key, clientCa: ca.caFile, clientCertificates: 'required' }
    const options = { config: { tls }, clientCertificate }
    const mirror = await startMirror(lab, { url: upstream.url }, options)
    port = mirror.port
    clients = await startClients(lab, port, names, { mirrorCa, clientCertificate })
  })

  for (const name of names) {
    test(`gives ${name}, who has one, an image`, async () => {
      expect(sample.digests).toContain(await clients[name].pull(sample.byTag))
    })
  }

  test('tells skopeo, who has none, what is missing', async () => {
    const believing = await writeCertificateFolder(lab.path('stranger'), '--cert-dir', {
      mirrorCa: own.caFile,
    })
    const image = `docker://127.0.0.1:${port}/${sample.byTag}`
    const asking = clients.skopeo.run('inspect', '--raw', ...believing, image)
    await expect(asking).rejects.toThrow(/certificate required/)
  })
})
