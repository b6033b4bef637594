import { beforeAll, expect, test } from 'vitest'
import { programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import type { Dockerd } from '../support/lab/dockerd.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { readPushedImage } from '../support/lab/pushed-image.ts'
import { startRegistry } from '../support/lab/registry.ts'
import { pushSamples, type Sample } from '../support/lab/sample-images.ts'
import type { Skopeo } from '../support/lab/skopeo.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const names = ['dockerd', 'skopeo'] as const

describePeers('an image that was mirrored', programsOf(names), (lab) => {
  let server: Entrepot
  let samples: Record<'small' | 'medium', Sample>
  let clients: { dockerd: Dockerd; skopeo: Skopeo }

  beforeAll(async () => {
    const upstream = await startRegistry(lab)
    samples = await pushSamples(upstream, ['small', 'medium'])
    const config = { access: { anonymous: 'push' } }
    server = await startMirror(lab, { url: upstream.url }, { config })
    clients = await startClients(lab, server.port, names)
  })

  const own = (image: string) => `127.0.0.1:${server.port}/${image}`
  test('is tagged and pushed by docker, and nothing of it is uploaded', async () => {
    const { byTag } = samples.medium
    await clients.dockerd.pull(byTag)
    await clients.dockerd.run('tag', byTag, own('team/tagged:1'))
    await clients.dockerd.run('push', '--quiet', own('team/tagged:1'))
    await clients.skopeo.pull(own('team/tagged:1'))
    expect(samples.medium.blobs).toEqual(
      expect.arrayContaining([...(await readPushedImage(server.url, 'team/tagged', '1')).layers]),
    )
  })

  test('is copied by skopeo, and nothing of it is uploaded', async () => {
    const from = own(samples.small.byTag)
    const to = own('team/copied:1')
    await clients.skopeo.pull(from)
    await clients.skopeo.run('copy', `docker://${from}`, `docker://${to}`)
    const { layers } = await readPushedImage(server.url, 'team/copied', '1')
    expect(samples.small.blobs).toEqual(expect.arrayContaining([...layers]))
  })

  test('costs no upload of a blob', async () => {
    await server.stop()
    const requests = await server.readRequests()
    const sent = requests.filter(({ method }) => method === 'PATCH' || method === 'PUT')
    // Uploads have no reference.
    expect(sent.map(({ repository, reference }) => `${repository}:${reference}`)).toEqual([
      'team/tagged:1',
      'team/copied:1',
    ])
  })
})
