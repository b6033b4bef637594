import { beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../support/lab/background-process.ts'
import type { Client } from '../support/lab/client.ts'
import { curl } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { findWrongBlobs, isKept, listPartials } from '../support/lab/kept-blobs.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Namespace, openNamespace } from '../support/lab/namespace.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { startSkopeo } from '../support/lab/skopeo.ts'
import { mountSmallDisk, type SmallDisk } from '../support/lab/small-disk.ts'
import type { Entrepot } from '../support/start-entrepot.ts'

const repository = 'team/large'
const image = `docker.io/${repository}:1`
// 100 MB, and two layers are larger than the whole disk.
const layerSizes = [32_000_000, 24_000_000, 16_000_000, 12_000_000, 10_000_000, 6_000_000]
const errorLevel = 50

describePeers('a mirror with 20 MB for its data', ['skopeo', 'mount', 'dd'], (lab) => {
  let namespace: Namespace
  let upstream: Registry
  let disk: SmallDisk
  let mirror: Entrepot
  let skopeo: Client
  let digest: string
  let blobs: readonly string[]

  beforeAll(async () => {
    upstream = await startRegistry(lab)
    const target = { url: upstream.url, repository }
    const built = await pushImage(target, '1', { seed: 'large', layerSizes })
    digest = built.descriptor.digest
    blobs = [built.config, ...built.layers].map((it) => it.digest)

    namespace = await openNamespace(lab)
    await namespace.expose(upstream.port)
    disk = await mountSmallDisk(namespace, lab.path('entrepot/data'), '20m')
    const config = { space: { minFree: 0 } }
    mirror = await startMirror(lab, { url: upstream.url }, { config, place: namespace })
    skopeo = await startSkopeo({ lab, namespace, mirrorPort: mirror.port })
  })

  const askReadyz = () => curl(namespace, `${mirror.url}/readyz`)
  const namesDisk = async () => {
    const { status, body } = await askReadyz()
    return status === 503 && /disk/.test(body)
  }
  const isReady = async () => (await askReadyz()).status === 200

  const expectNothingHalf = async () => {
    const isEmpty = async () => (await listPartials(disk.outside)).length === 0
    await waitUntil('nothing is left in partial/', isEmpty, 5_000)
    expect(await findWrongBlobs(disk.outside)).toEqual([])
  }

  test('passes an image of 100 MB through, and says in its log why', async () => {
    // Once the fetches that found no room are given up there is room again: it is said meanwhile.
    const saying = waitUntil('it names the disk', namesDisk)
    const [pulled] = await Promise.all([skopeo.pull(image), saying])
    expect(pulled).toBe(digest)
    const errors = (await mirror.readLog()).filter(({ level }) => level >= errorLevel)
    expect(errors.map(({ msg }) => msg).join('\n')).toMatch(/disk/)
    await expectNothingHalf()
  })

  test('passes it through with no byte left, and says that it is not ready', async () => {
    await disk.fill()
    expect(await skopeo.pull(image)).toBe(digest)
    expect(await namesDisk()).toBe(true)
    await expectNothingHalf()
  })

  test('passes on what it has never seen, with no byte left', async () => {
    const other = { seed: 'other', layerSizes: [100_000, 5_000_000] }
    const { descriptor } = await pushImage({ ...upstream, repository }, 'other', other)
    expect(await skopeo.pull(`docker.io/${repository}:other`)).toBe(descriptor.digest)
    await expectNothingHalf()
  })

  test('is ready within 10 s when the disk has grown', async () => {
    await disk.resize('400m')
    await waitUntil('it is ready', isReady, 10_000)
  })

  test('keeps the image from then on, and serves it with the registry stopped', async () => {
    expect(await skopeo.pull(image)).toBe(digest)
    const isAllKept = async () => blobs.every((blob) => isKept(disk.outside, blob))
    await waitUntil('every blob is kept', isAllKept)
    await upstream.stop()
    expect(await skopeo.pull(image)).toBe(digest)
    await expectNothingHalf()
  })
})
