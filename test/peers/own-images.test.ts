import { beforeAll, expect, test } from 'vitest'
import { digestOf, smallImage, threePlatforms } from '../support/image-builder.ts'
import type { Buildah } from '../support/lab/buildah.ts'
import type { Client } from '../support/lab/client.ts'
import { allClients, type ClientName, programsOf, startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import type { Dockerd } from '../support/lab/dockerd.ts'
import { layoutTag, writeIndexLayout } from '../support/lab/image-layout.ts'
import { startOwnRegistry } from '../support/lab/own-registry.ts'
import { readPushedImage } from '../support/lab/pushed-image.ts'
import { pullRaw } from '../support/lab/raw-client.ts'
import { startRegistry } from '../support/lab/registry.ts'
import type { Skopeo } from '../support/lab/skopeo.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const programs = [...programsOf([...allClients, 'buildah']), 'openssl']

describePeers('a registry for what a team builds', programs, (lab) => {
  let server: Entrepot
  let clients: Record<ClientName, Client> & { skopeo: Skopeo; dockerd: Dockerd; buildah: Buildah }

  beforeAll(async () => {
    server = await startOwnRegistry(lab)
    clients = await startClients(lab, server.port, [...allClients, 'buildah'])
  })

  const nameOf = (image: string) => `127.0.0.1:${server.port}/${image}`
  const listTags = async (repository: string) => {
    const said = await clients.skopeo.run('list-tags', `docker://${nameOf(repository)}`)
    return (JSON.parse(said) as { Tags: string[] }).Tags
  }

  test('gives every client an image that buildah built', async () => {
    await clients.buildah.build(nameOf('team/base:1'), 'of the base')
    await clients.buildah.pushBuilt(nameOf('team/base:1'))
    await clients.buildah.build(nameOf('team/built:1'), 'on the base', nameOf('team/base:1'))
    await clients.buildah.pushBuilt(nameOf('team/built:1'))
    const { digest } = await readPushedImage(server.url, 'team/built', '1')
    for (const client of allClients)
      expect(await clients[client].pull(nameOf('team/built:1')), client).toBe(digest)
  })

  test('takes all of an index from skopeo, and copies it by mounting', async () => {
    const recipe = { ...smallImage('three'), platforms: threePlatforms }
    const layout = await writeIndexLayout(lab.path('three'), recipe)
    const [one, other] = [nameOf('team/three:1'), nameOf('team/three-copied:1')]
    await clients.skopeo.run(
      'copy',
      '--all',
      `oci:${layout.folder}:${layoutTag}`,
      `docker://${one}`,
    )
    await clients.skopeo.run('copy', '--all', `docker://${one}`, `docker://${other}`)
    for (const client of allClients) {
      const digest = await clients[client].pull(other)
      const { descriptor, images } = layout.content
      expect([descriptor.digest, images[0]?.descriptor.digest], client).toContain(digest)
    }
  })

  test('takes an index that docker makes of images in other repositories', async () => {
    for (const word of ['one', 'two']) {
      await clients.buildah.build(nameOf(`team/${word}:1`), word)
      await clients.buildah.pushBuilt(nameOf(`team/${word}:1`))
    }
    const index = nameOf('team/one-and-two:1')
    const { run } = clients.dockerd
    const images = [nameOf('team/one:1'), nameOf('team/two:1')]
    await run('manifest', 'create', '--insecure', index, ...images)
    const pushed = await run('manifest', 'push', '--insecure', index)
    const raw = await clients.skopeo.run('inspect', '--raw', `docker://${index}`)
    expect(pushed).toContain(digestOf(Buffer.from(raw)))
    await clients.skopeo.run('copy', '--all', `docker://${index}`, `oci:${lab.path('made')}:1`)
  })

  test('is mirrored by another registry', async () => {
    const mirror = await startRegistry(lab, { proxyOf: server.url })
    const pushed = await readPushedImage(server.url, 'team/built', '1')
    expect(await readPushedImage(mirror.url, 'team/built', '1')).toEqual(pushed)
    for (const digest of pushed.layers) {
      const pulled = await pullRaw(`${mirror.url}/v2/team/built/blobs/${digest}`)
      expect(pulled).toEqual({ isComplete: true, digest })
    }
  })

  test('lists tags for skopeo, and deletes what it says', async () => {
    await clients.buildah.build(nameOf('team/tags:old'), 'old')
    await clients.buildah.pushBuilt(nameOf('team/tags:old'))
    await clients.buildah.build(nameOf('team/tags:new'), 'new')
    await clients.buildah.pushBuilt(nameOf('team/tags:new'))
    expect(await listTags('team/tags')).toEqual(['new', 'old'])
    await clients.skopeo.run('delete', `docker://${nameOf('team/tags:old')}`)
    expect(await listTags('team/tags')).toEqual(['new'])
    const pulling = clients.skopeo.pull(nameOf('team/tags:old'))
    await expect(pulling).rejects.toThrow('manifest unknown')
    await clients.skopeo.pull(nameOf('team/tags:new'))
  })

  test('mounted what it had', async () => {
    await server.stop()
    const begun = (await server.readRequests()).filter(
      ({ method, repository }) => method === 'POST' && repository === 'team/three-copied',
    )
    // A layer of each platform; configs are sent anew by skopeo, wherever they are.
    const statuses = begun.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, 201, 201, 202, 202, 202])
  })
})
