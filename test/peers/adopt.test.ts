import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { request } from 'undici'
import { beforeAll, expect, test } from 'vitest'
import { digestOf, smallImage, threePlatforms } from '../support/image-builder.ts'
import { waitUntil } from '../support/lab/background-process.ts'
import { startClients } from '../support/lab/clients.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage, pushIndex } from '../support/lab/push-image.ts'
import { pullRaw } from '../support/lab/raw-client.ts'
import { blobFile, type Registry, startRegistry } from '../support/lab/registry.ts'
import type { Skopeo } from '../support/lab/skopeo.ts'
import { runCommand } from '../support/run-command.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

/** A name and its digest. */
type Pushed = readonly [name: string, digest: string]

const shared = 300_000

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** Images that share their first layer with others of their repository, and an index. */
const pushImages = async ({ url }: Registry, names: readonly string[], count: number) => {
  const pushed: Pushed[] = []
  for (let at = 0; at < count - 1; at++) {
    const name = names[at % names.length] ?? ''
    const seed = name.replaceAll('/', '-')
    const recipe = { seed, layerSizes: [shared, 20_000 + at], labels: { build: `${at}` } }
    const mediaTypes = at % 3 === 0 ? ('docker' as const) : ('oci' as const)
    const image = await pushImage({ url, repository: name }, `${at}`, { ...recipe, mediaTypes })
    pushed.push([`${name}:${at}`, image.descriptor.digest])
  }
  const [name = ''] = names
  const recipe = { ...smallImage('index'), platforms: threePlatforms }
  const index = await pushIndex({ url, repository: name }, 'index', recipe)
  return [...pushed, [`${name}:index`, index.descriptor.digest] as const]
}

const startAlone = async (lab: Lab) => {
  const nobody = { url: `http://127.0.0.1:${await findFreePort()}` }
  const server = await startMirror(lab, nobody)
  const config = join(lab.path('entrepot'), 'mirrors.yaml')
  const adopt = (...args: readonly string[]) => runCommand('adopt', ...args, '--config', config)
  const { skopeo } = await startClients(lab, server.port, ['skopeo'])
  return { server, adopt, skopeo }
}

/** By its name and with all its platforms, as the registry had it. */
const expectPulled = async (skopeo: Skopeo, folder: string, [name, digest]: Pushed) => {
  await skopeo.run('copy', '--all', `docker://${name}`, `dir:${folder}`)
  expect(digestOf(await readFile(join(folder, 'manifest.json'))), name).toBe(digest)
}

describePeers('a folder of a registry that was pushed to', ['skopeo'], (lab) => {
  let registry: Registry
  let pushed: readonly Pushed[]
  let server: Entrepot
  let adopt: Awaited<ReturnType<typeof startAlone>>['adopt']
  let skopeo: Skopeo

  beforeAll(async () => {
    registry = await startRegistry(lab)
    pushed = await pushImages(registry, ['team/app', 'team/tool', 'base'], 20)
    ;({ server, adopt, skopeo } = await startAlone(lab))
  })

  test('is adopted while its registry serves, beside a running server', async () => {
    const before = await request(`${server.url}/v2/team/app/manifests/index`)
    expect(before.statusCode).toBe(503)
    await before.body.dump()
    const { code, stdout, stderr } = await adopt(registry.storage)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('3 repositories')
    expect(stdout).toContain('23 images, 20 tags')
    const isServed = async () => (await pullRaw(`${server.url}/v2/team/app/manifests/0`)).isComplete
    await waitUntil('the server knows', isServed)
  })

  test('is pulled by skopeo, image by image, once its registry is gone', async () => {
    await registry.stop()
    expect(pushed).toHaveLength(20)
    for (const [name, digest] of pushed) {
      const image = [`127.0.0.1:${server.port}/${name}`, digest] as const
      await expectPulled(skopeo, lab.path('pulled'), image)
    }
    const requests = await server.readRequests()
    const served = requests.filter(({ status, reference }) => status === 200 && reference)
    expect(new Set(served.map(({ cache }) => cache))).toEqual(new Set(['hosted']))
  })

  test('has nothing new for a second run, and what is new for a third', async () => {
    const second = JSON.parse((await adopt(registry.storage, '--json')).stdout)
    expect(second).toMatchObject({ images: 0, knownImages: 23, tags: 0, blobs: 0, readBytes: 0 })
    const again = await startRegistry(lab, { storage: registry.storage })
    await pushImage({ url: again.url, repository: 'team/app' }, 'new', smallImage('new'))
    const third = JSON.parse((await adopt(registry.storage, '--json')).stdout)
    expect(third).toMatchObject({ images: 1, knownImages: 23, tags: 1, blobs: 3, faultCount: 0 })
    await again.stop()
    const pulled = await pullRaw(`${server.url}/v2/team/app/manifests/new`)
    expect(pulled.isComplete).toBe(true)
  })

  test('is as it was', async () => {
    const still = await startRegistry(lab, { storage: registry.storage })
    for (const [name, digest] of pushed) {
      const [repository = '', tag = ''] = name.split(':')
      const asked = `${still.url}/v2/${repository}/manifests/${tag}`
      const { headers } = await request(asked, { method: 'HEAD', headers: { accept } })
      expect(headers['docker-content-digest'], name).toBe(digest)
    }
  })
})

describePeers('a folder of a pull-through registry', ['skopeo'], (lab) => {
  test('is adopted, and pulled by skopeo with nobody to ask', async () => {
    const upstream = await startRegistry(lab)
    const pushed = await pushImages(upstream, ['library/alpine', 'team/tool'], 8)
    const proxy = await startRegistry(lab, { proxyOf: upstream.url })
    const { server, adopt, skopeo } = await startAlone(lab)
    const files = [join(proxy.storage, 'scheduler-state.json')]
    for (const [name] of pushed) {
      const digests = await pullThrough(proxy, name)
      files.push(...digests.map((digest) => blobFile(proxy.storage, digest)))
    }
    // It answers first, and writes then.
    await waitUntil('all of it is stored', async () => files.every((file) => existsSync(file)))
    await Promise.all([upstream.stop(), proxy.stop()])
    const { code, stdout, stderr } = await adopt(proxy.storage)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('images of docker.io')
    for (const [name, digest] of pushed) {
      const image = [`docker.io/${name}`, digest] as const
      await expectPulled(skopeo, lab.path('pulled'), image)
    }
    const requests = await server.readRequests()
    const blobs = requests.filter(({ reference }) => reference?.startsWith('sha256:'))
    expect(blobs.length).toBeGreaterThan(8)
    expect(new Set(blobs.map(({ cache }) => cache))).toEqual(new Set(['hit']))
  })
})

/** All that the image has, as a client with every platform would; gives the digests of the blobs. */
const pullThrough = async ({ url }: Registry, name: string): Promise<readonly string[]> => {
  const [repository = '', tag = ''] = name.split(':')
  const wanted = [tag]
  const blobs: string[] = []
  for (let reference = wanted.pop(); reference !== undefined; reference = wanted.pop()) {
    const answer = await request(`${url}/v2/${repository}/manifests/${reference}`, {
      headers: { accept },
    })
    const manifest = (await answer.body.json()) as Listing
    wanted.push(...(manifest.manifests ?? []).map(({ digest }) => digest))
    for (const { digest } of [manifest.config ?? [], manifest.layers ?? []].flat()) {
      await pullRaw(`${url}/v2/${repository}/blobs/${digest}`)
      blobs.push(digest)
    }
  }
  return blobs
}

type Named = { readonly digest: string }
type Listing = {
  readonly config?: Named
  readonly layers?: readonly Named[]
  readonly manifests?: readonly Named[]
}
