import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/lab/client.ts'
import { curl } from '../support/lab/curl.ts'
import { describePeers } from '../support/lab/describe-peers.ts'
import { findWrongBlobs, listBlobs } from '../support/lab/kept-blobs.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { type Namespace, openNamespace } from '../support/lab/namespace.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { type Registry, startRegistry } from '../support/lab/registry.ts'
import { startSkopeo } from '../support/lab/skopeo.ts'
import { mountSmallDisk, type SmallDisk } from '../support/lab/small-disk.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { Random } from '../torture/random.ts'

const repository = 'team/many'
const imageCount = 60
/** Of ten images each. */
const sharedBytes = 4_000_000
const ownBytes = 6_000_000
const pinned = 7
const diskBytes = 200 * 1024 * 1024
const laterPulls = 20

const nameOf = (index: number) => `docker.io/${repository}:${index}`

type Why = {
  readonly isKept: boolean
  readonly digest?: string
  readonly pinnedBy?: string
  readonly lastPulledAt?: string
  readonly eviction?: { readonly reason: string; readonly lastPull: string }
}

describePeers('a mirror with 200 MB for its data', ['skopeo', 'mount', 'dd'], (lab) => {
  let namespace: Namespace
  let upstream: Registry
  let disk: SmallDisk
  let mirror: Entrepot
  let skopeo: Client
  const digests: string[] = []

  beforeAll(async () => {
    upstream = await startRegistry(lab)
    const push = async (index: number) => {
      const built = await pushImage({ url: upstream.url, repository }, `${index}`, {
        seed: `image ${index}`,
        layerSizes: [sharedBytes, ownBytes],
        layerSeeds: [`group ${Math.floor(index / 10)}`],
      })
      digests[index] = built.descriptor.digest
    }
    const indices = Array.from({ length: imageCount }, (_, index) => index)
    const pushNext = async () => {
      for (let index = indices.shift(); index !== undefined; index = indices.shift())
        await push(index)
    }
    await Promise.all(Array.from({ length: 4 }, pushNext))
    namespace = await openNamespace(lab)
    await namespace.expose(upstream.port)
    disk = await mountSmallDisk(namespace, lab.path('entrepot/data'), '200m')
    const pins = [nameOf(pinned)]
    const config = { space: { high: '85%', low: '75%', minAge: '0s', pins } }
    mirror = await startMirror(lab, { url: upstream.url }, { config, place: namespace })
    skopeo = await startSkopeo({ lab, namespace, mirrorPort: mirror.port })
  })

  const measureUse = async () => 1 - (await disk.countFreeBytes()) / diskBytes

  test('pulls all of 600 MB, and never has more than 95 % in use', async () => {
    const random = new Random('eviction')
    const order = Array.from({ length: imageCount }, (_, index) => index)
    // Few of them again and again.
    for (let pull = 0; pull < laterPulls; pull++) order.push(Math.floor(random.draw(7.7) ** 2))
    let most = 0
    for (const index of order) {
      expect(await skopeo.pull(nameOf(index))).toBe(digests[index])
      most = Math.max(most, await measureUse())
    }
    process.stdout.write(`at most ${Math.round(most * 100)} % of the disk were in use\n`)
    expect(most).toBeLessThan(0.95)
    expect(await findWrongBlobs(disk.outside)).toEqual([])
  })

  const askWhy = async (index: number): Promise<Why> => {
    const url = `${mirror.url}/api/v1/why?name=${encodeURIComponent(nameOf(index))}`
    return JSON.parse((await curl(namespace, url)).body)
  }

  test('says why each of those went that did, and the pinned one is there', async () => {
    const answers = await Promise.all(digests.map((_, index) => askWhy(index)))
    const kept = answers.filter(({ isKept, pinnedBy }) => isKept && pinnedBy === undefined)
    const gone = answers.filter(({ isKept }) => !isKept)
    expect(gone.length).toBeGreaterThanOrEqual(10)
    expect(kept.length).toBeGreaterThanOrEqual(5)
    for (const { eviction } of gone) expect(eviction?.reason).toMatch(/^the disk was \d+ % full/)
    const lastPulls = gone.map(({ eviction }) => Date.parse(eviction?.lastPull ?? ''))
    const oldest = Math.min(...kept.map(({ lastPulledAt = '' }) => Date.parse(lastPulledAt)))
    expect(Math.max(...lastPulls)).toBeLessThan(oldest)
    expect(answers[pinned]).toMatchObject({ isKept: true, pinnedBy: nameOf(pinned) })
  })

  test('gives way once to another that fills the disk, says so once, and isn’t emptied', async () => {
    const findGone = async () =>
      (await Promise.all(digests.map((_, index) => askWhy(index)))).findIndex(
        ({ isKept }) => !isKept,
      )
    const counts: number[] = []
    for (const name of ['one', 'two', 'three']) {
      await disk.fill(name)
      for (let pull = 0; pull < 2; pull++) {
        const gone = await findGone()
        expect(await skopeo.pull(nameOf(gone))).toBe(digests[gone])
        await delay(1_100)
      }
      counts.push((await listBlobs(disk.outside)).length)
    }
    const [first = 0, second = 0, third = 0] = counts
    expect(first).toBeGreaterThan(20)
    // What is pulled then isn't kept, or takes the place of something.
    expect(Math.min(second, third)).toBeGreaterThan(first * 0.7)
    const warnings = (await mirror.readLog()).filter(({ msg }) => msg.includes('other data'))
    expect(warnings).toHaveLength(1)
    await upstream.stop()
    expect(await skopeo.pull(nameOf(pinned))).toBe(digests[pinned])
  })
})
