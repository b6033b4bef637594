import { beforeAll, expect, test } from 'vitest'
import { type Certificates, makeCertificates, makeClientCa } from '../support/lab/certificates.ts'
import { programsOf, startClientsOf } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { type ImageArchive, writeImageArchive } from '../support/lab/image-layout.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { writeCertificateFolder } from '../support/lab/registries-conf.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSample, type Sample } from '../support/lab/sample-images.ts'

const names = ['skopeo', 'podman', 'buildah', 'containerd', 'dockerd'] as const
const host = 'registry.test'

describePeers('a mirror that requires certificates', [...programsOf(names), 'openssl'], (lab) => {
  let sample: Sample
  let own: Certificates
  let clients: Awaited<ReturnType<typeof startClientsOf<(typeof names)[number]>>>
  let port: number
  let pushed: ImageArchive

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    sample = await pushSample(upstream, 'small')
    own = await makeCertificates(lab.path('tls'), { host })
    const ca = await makeClientCa(lab.path('clients'))
    const clientCertificate = await ca.issue('client')
    const { certFile: cert, keyFile: key, caFile: mirrorCa } = own
    const tls = { cert, key, clientCa: ca.caFile, clientCertificates: 'required' }
    const rules = [{ who: 'ci', repositories: 'team/**', may: ['pull', 'push'] }]
    const options = { config: { tls, access: { rules } }, clientCertificate }
    const mirror = await startMirror(lab, { url: upstream.url }, options)
    port = mirror.port
    clients = await startClientsOf(lab, { host, port, mirrorCa, clientCertificate }, names)
    pushed = await writeImageArchive(lab.path('image'), { seed: 'image', layerSizes: [40_000] })
  })

  for (const name of names) {
    test(`gives ${name}, who has one, an image`, async () => {
      expect(sample.digests).toContain(await clients[name].pull(sample.byTag))
    })

    test(`takes a push by ${name}, to whose certificate's name a rule gives it`, async () => {
      const image = `${host}:${port}/team/from-${name}:1`
      await clients[name].push(pushed, image)
      await clients[name].clear()
      expect(await clients[name].pull(image)).toMatch(/^sha256:/)
    })

    test(`tells ${name} what that name may not push`, async () => {
      const pushing = clients[name].push(pushed, `${host}:${port}/other/from-${name}:1`)
      const denied = /denied: ci may not push other\/from-.*: no rule under access\.rules/
      await expect(pushing).rejects.toThrow(name === 'containerd' ? / 403 Forbidden/ : denied)
    })
  }

  test('tells skopeo, who has none, what is missing', async () => {
    const believing = await writeCertificateFolder(lab.path('stranger'), '--cert-dir', {
      mirrorCa: own.caFile,
    })
    const image = `docker://${host}:${port}/${sample.byTag}`
    const asking = clients.skopeo.run('inspect', '--raw', ...believing, image)
    await expect(asking).rejects.toThrow(/certificate required/)
  })
})
