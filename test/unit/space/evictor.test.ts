import { link, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../../src/oci/media-type.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import type { Source } from '../../../src/oci/source.ts'
import { dockerHub, type UpstreamName } from '../../../src/oci/upstream-name.ts'
import { Evictor, type Run } from '../../../src/space/evictor.ts'
import { Pins } from '../../../src/space/pins.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const app: Source = { upstream: dockerHub, repository: parseRepository('team/app') }
const quay: Source = { upstream: 'quay.io' as UpstreamName, repository: app.repository }
const hourMs = 3_600_000

let directory: TemporaryDirectory
let stores: Stores
let gone: Digest[]

const open = async () => {
  const onError = (error: unknown) => {
    throw error
  }
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
}

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  await open()
  gone = []
})
afterEach(async () => {
  await stores.close()
  await directory.remove()
})

const content = (name: string) => Buffer.from(name.padEnd(100, '.'))
const digestOfName = (name: string) => digestOf(content(name))

async function keepBlob(name: string, at: number, from: Source): Promise<Digest> {
  const digest = digestOfName(name)
  if (await stores.blobs.find(digest)) return digest
  await putBlob(stores.blobs, digest, content(name))
  const blob = { digest, sizeBytes: 100, upstream: from.upstream, firstFetchedAt: at }
  await stores.metadata.recordBlob(blob)
  return digest
}

/** An image of these blobs, pulled at that time. */
async function keep(
  name: string,
  at: number,
  parts: readonly string[],
  {
    tag,
    from = app,
    mediaType = ociManifest,
  }: { tag?: string; from?: Source; mediaType?: string } = {},
): Promise<void> {
  const digest = await keepBlob(name, at, from)
  const children = []
  for (const part of parts) {
    const type = mediaType === ociIndex ? ociManifest : 'a/b'
    children.push({ mediaType: type, digest: await keepBlob(part, at, from), sizeBytes: 100 })
  }
  const facts = { mediaType, sizeBytes: 100, artifactType: undefined, subject: undefined }
  await stores.metadata.recordImage(from, { digest, ...facts, children, firstFetchedAt: at })
  if (tag) await stores.metadata.recordTag(from, tag as Tag, { digest, checkedAt: at })
}

async function makeEvictor(
  pinned: readonly string[] = [],
  onError: (error: unknown) => void = (error) => {
    throw error
  },
  its: Stores = stores,
): Promise<Evictor> {
  return new Evictor({
    stores: its,
    pins: await Pins.open(stores.space, pinned),
    now: () => hourMs,
    onEvicted: () => {},
    onGone: (digest) => gone.push(digest),
    onError,
    signal: new AbortController().signal,
  })
}

const all: Run = { bytes: 1e9, upstream: undefined, reason: 'a test', before: hourMs }
const namesOf = (victims: readonly { readonly digest: Digest }[], names: readonly string[]) =>
  victims.map(({ digest }) => names.find((name) => digestOfName(name) === digest))

test('the coldest goes first, until there is room, with what only it needs', async () => {
  await keep('one', 1000, ['base', 'top of one'])
  await keep('two', 2000, ['base', 'top of two'])
  await keep('three', 3000, ['base', 'top of three'])
  const evictor = await makeEvictor()
  const planned = await evictor.plan({ ...all, bytes: 300 })
  expect(namesOf(planned.victims, ['one', 'two', 'three'])).toEqual(['one', 'two'])
  expect(planned.freedBytes).toBe(400)
  expect(await stores.blobs.find(digestOfName('one'))).toBe(100)
  const { victims, freedBytes } = await evictor.run({ ...all, bytes: 300 })
  expect(victims).toEqual(planned.victims)
  expect(freedBytes).toBe(400)
  expect(gone).toHaveLength(4)
  const left = ['one', 'two', 'top of one', 'top of two', 'base', 'three']
  const sizes = await Promise.all(left.map((name) => stores.blobs.find(digestOfName(name))))
  expect(sizes).toEqual([undefined, undefined, undefined, undefined, 100, 100])
  const last = await evictor.run(all)
  expect([last.freedBytes, last.victims.length]).toEqual([300, 1])
  for await (const blob of stores.blobs.list()) expect(blob).toBeUndefined()
})

test('a plan of all frees what it says', async () => {
  await keep('one', 1000, ['base', 'middle', 'top of one'])
  await keep('two', 2000, ['base', 'middle'])
  await keep('three', 3000, ['base'])
  await keep('one', 1500, ['base', 'middle', 'top of one'], { from: quay })
  const evictor = await makeEvictor()
  const planned = await evictor.plan(all)
  expect(planned.victims.map(({ freedBytes }) => freedBytes)).toEqual([0, 200, 200, 200])
  expect((await evictor.run(all)).victims).toEqual(planned.victims)
})

test('what was pulled since the time given stays, also where that isn’t written yet', async () => {
  await keep('one', 1000, ['top of one'])
  await keep('two', 2000, ['top of two'])
  const evictor = await makeEvictor()
  stores.accessTimes.touchImage(app, digestOfName('one'), 5000)
  const { victims } = await evictor.run({ ...all, before: 3000 })
  expect(namesOf(victims, ['one', 'two'])).toEqual(['two'])
})

test('an index goes after the last of its images, which go alone', async () => {
  await keep('arm', 2000, ['layer of arm'])
  await keep('amd', 4000, ['layer of amd'])
  await keep('index', 1000, ['arm', 'amd'], { mediaType: ociIndex, tag: 'v1' })
  await keep('other', 3000, ['layer of other'])
  const names = ['arm', 'amd', 'index', 'other']
  const evictor = await makeEvictor()
  const planned = await evictor.plan(all)
  expect(namesOf(planned.victims, names)).toEqual(['arm', 'other', 'amd', 'index'])
  const { victims } = await evictor.run({ ...all, bytes: 1 })
  expect(namesOf(victims, names)).toEqual(['arm'])
  expect(await stores.metadata.findImage(app, digestOfName('arm'))).toBeUndefined()
  expect(await stores.metadata.findImage(app, digestOfName('index'))).toBeDefined()
  expect((await evictor.run(all)).victims).toEqual(planned.victims.slice(1))
})

test('what is pinned stays, as a part of a pinned index does', async () => {
  await keep('one', 1000, ['top of one'], { tag: '20-alpine' })
  await keep('two', 2000, ['top of two'], { tag: '21' })
  await keep('arm', 3000, ['layer of arm'])
  await keep('index', 4000, ['arm'], { mediaType: ociIndex, tag: '20' })
  await keep('three', 5000, ['top of three'])
  const evictor = await makeEvictor([
    'docker.io/team/app:20*',
    `docker.io/team/app@${digestOfName('three')}`,
  ])
  expect(
    namesOf((await evictor.run(all)).victims, ['one', 'two', 'arm', 'index', 'three']),
  ).toEqual(['two'])
})

test('a pin of an index holds for what is listed by the indices in it', async () => {
  await keep('image', 1000, ['layer'])
  await keep('inner', 1000, ['image'], { mediaType: ociIndex })
  await keep('middle', 1000, ['inner'], { mediaType: ociIndex })
  await keep('outer', 1000, ['middle'], { mediaType: ociIndex, tag: 'v1' })
  const names = ['image', 'inner', 'middle', 'outer']
  const pinned = await makeEvictor(['docker.io/team/app:v1'])
  expect((await pinned.run(all)).victims).toEqual([])
  const evictor = await makeEvictor()
  const planned = await evictor.plan(all)
  expect(namesOf(planned.victims, names)).toEqual(names)
  expect((await evictor.run(all)).victims).toEqual(planned.victims)
})

test('an index that two repositories have keeps its images until neither has it', async () => {
  for (const [from, at] of [[app, 1000] as const, [quay, 2000] as const]) {
    await keep('arm', at, ['layer of arm'], { from })
    await keep('amd', at, ['layer of amd'], { from })
    await keep('index', at, ['arm', 'amd'], { from, mediaType: ociIndex, tag: 'v1' })
  }
  const planned = await (await makeEvictor()).plan(all)
  expect(planned.victims.map(({ freedBytes }) => freedBytes)).toEqual([0, 0, 0, 200, 200, 100])
  const pinned = await makeEvictor(['docker.io/team/app:v1'])
  expect((await pinned.run(all)).victims.map(({ source }) => source)).toEqual([quay, quay, quay])
  const names = ['index', 'arm', 'amd', 'layer of arm', 'layer of amd']
  const sizes = await Promise.all(names.map((name) => stores.blobs.find(digestOfName(name))))
  expect(sizes).toEqual([100, 100, 100, 100, 100])
  const rest = await (await makeEvictor()).run(all)
  expect([rest.victims.length, rest.freedBytes]).toEqual([3, 500])
})

test('a tag that moves takes its pin with it', async () => {
  await keep('one', 1000, ['top of one'], { tag: 'v1' })
  await keep('two', 2000, ['top of two'], { tag: 'v1' })
  const evictor = await makeEvictor(['docker.io/team/*:v1'])
  expect(namesOf((await evictor.run(all)).victims, ['one', 'two'])).toEqual(['one'])
})

test('only what came from an upstream that has too much goes', async () => {
  await keep('one', 1000, ['top of one'])
  await keep('two', 2000, ['top of two'], { from: quay })
  const evictor = await makeEvictor()
  const { victims } = await evictor.run({ ...all, upstream: quay.upstream })
  expect(victims.map(({ source }) => source)).toEqual([quay])
})

test('no more goes of an upstream than counts for it too much', async () => {
  await keep('one', 1000, ['base'])
  await keep('two', 2000, ['top of two'])
  await keep('three', 3000, ['base'], { from: quay })
  const evictor = await makeEvictor()
  const wanted = { ...all, upstream: app.upstream, bytes: 150 }
  const { victims, ...eviction } = await evictor.run(wanted)
  // The base counts for the other upstream from now on.
  expect(namesOf(victims, ['one', 'two', 'three'])).toEqual(['one'])
  expect(eviction).toEqual({ orphans: 0, freedBytes: 100, isEnough: true, sharedBytes: 0 })
})

test('blobs that no image names go before any image', async () => {
  await keep('one', 1000, ['top of one'])
  await keepBlob('orphan', 1000, app)
  await keepBlob('new', hourMs - 1000, app)
  const evictor = await makeEvictor()
  const orphan = { victims: [], orphans: 1, freedBytes: 100, isEnough: true, sharedBytes: 0 }
  expect(await evictor.plan({ ...all, bytes: 100 })).toEqual(orphan)
  expect(await evictor.plan(all)).toMatchObject({ orphans: 1, freedBytes: 300 })
  expect(await evictor.run({ ...all, bytes: 100 })).toEqual(orphan)
  expect(await stores.blobs.find(digestOfName('orphan'))).toBeUndefined()
  expect(await stores.blobs.find(digestOfName('new'))).toBe(100)
})

test('what is being pushed isn’t taken away', async () => {
  await keep('one', 1000, ['top of one'])
  const digest = digestOfName('top of one')
  const evictor = await makeEvictor()
  await stores.holds.during(digest, async () => {
    expect((await evictor.run(all)).freedBytes).toBe(100)
    await stores.hosted.linkPushed(parseRepository('own'), [{ digest, sizeBytes: 100 }], 1000)
  })
  expect(await stores.blobs.find(digest)).toBe(100)
})

test('what a backup has too is told apart: its bytes stay on the disk', async () => {
  await keep('one', 1000, ['top of one'])
  await keepBlob('orphan', 1000, app)
  for (const name of ['top of one', 'orphan']) {
    const [algorithm = '', hex = ''] = digestOfName(name).split(':')
    await link(join(directory.path, 'blobs', algorithm, hex), join(directory.path, hex))
  }
  const evictor = await makeEvictor()
  const expected = { freedBytes: 300, sharedBytes: 200 }
  expect(await evictor.plan(all)).toMatchObject(expected)
  expect(await evictor.run(all)).toMatchObject(expected)
  expect(await evictor.run(all)).toMatchObject({ freedBytes: 0, sharedBytes: 0 })
})

test.each([0, 1])(
  'a process that ends after %i files leaves none that the next does not find',
  async (count) => {
    await keep('one', 1000, ['top of one', 'base'], { tag: 'v1' })
    await keep('two', 2000, ['base'])
    const reached = Promise.withResolvers<void>()
    let removed = 0
    const remove: Stores['blobs']['remove'] = (digest) => {
      if (removed++ < count) return stores.blobs.remove(digest)
      reached.resolve()
      return new Promise(() => {})
    }
    const dying = { ...stores, blobs: { ...stores.blobs, remove } }
    void (await makeEvictor([], undefined, dying)).run({ ...all, bytes: 200 })
    await reached.promise

    await stores.close()
    await open()
    expect(await stores.metadata.findTag(app, 'v1' as Tag)).toBeUndefined()
    const evictor = await makeEvictor()
    expect(await evictor.run({ ...all, bytes: 1 })).toMatchObject({ victims: [] })
    const files: Digest[] = []
    for await (const { digest } of stores.blobs.list()) files.push(digest)
    expect(files.sort()).toEqual(['two', 'base'].map(digestOfName).sort())
    expect(await stores.integrity.measureRecorded()).toMatchObject({ blobs: 2 })
  },
)

test('one file that can’t be removed ends the run', async () => {
  for (const name of ['one', 'two', 'three']) {
    const digest = await keepBlob(name, 1000, app)
    const [algorithm = '', hex = ''] = digest.split(':')
    const path = join(directory.path, 'blobs', algorithm, hex)
    await rm(path)
    await mkdir(path)
  }
  await keep('image', 1000, ['layer'])
  const errors: unknown[] = []
  const evictor = await makeEvictor([], (error) => errors.push(error))
  expect(await evictor.run(all)).toMatchObject({ victims: [], orphans: 0, freedBytes: 0 })
  expect(errors).toHaveLength(1)
  expect(await stores.metadata.findImage(app, digestOfName('image'))).toBeDefined()
})

test('of many blobs some are looked at for those of no image, and others the next time', async () => {
  const names = Array.from({ length: 10_100 }, (_, index) => `${index}`)
  const digests = names.map((name) => digestOf(Buffer.from(name))).sort()
  const last = digests.pop() ?? digestOfName('')
  const times = { writtenAt: hourMs, verifiedAt: hourMs }
  await stores.integrity.recordFound(
    digests.map((digest) => ({ digest, sizeBytes: 1, manifest: undefined, ...times })),
  )
  const orphan = { digest: last, sizeBytes: 1, upstream: app.upstream, firstFetchedAt: 1000 }
  await stores.metadata.recordBlob(orphan)
  const evictor = await makeEvictor()
  for (let run = 0; run < 10; run++) expect(await evictor.run(all)).toMatchObject({ orphans: 0 })
  expect(await evictor.plan(all)).toMatchObject({ orphans: 1 })
  expect(await evictor.run(all)).toMatchObject({ orphans: 1 })
})
