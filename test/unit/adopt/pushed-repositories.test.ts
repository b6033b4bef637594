import { execFileSync } from 'node:child_process'
import { mkdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Digest } from '../../../src/oci/digest.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { putBlob, readBlob } from '../../../src/store/put-blob.ts'
import { type Adopting, startAdopting } from './start-adopting.ts'

const app = parseRepository('team/app')
const page = { limit: 100 }
const one = '1' as Tag
const missing = `sha256:${'0'.repeat(64)}`

const tagged = ({ stores }: Adopting, tag: Tag = one) => stores.hosted.findPushedTag(app, tag)
const lines = (told: readonly { where: string; what: string }[]) =>
  told.map(({ where, what }) => `${where}: ${what}`)

const makePipe = async (path: string) => void execFileSync('mkfifo', [path])
const replace = async (path: string, make: (path: string) => Promise<void>) => {
  await rm(path, { force: true })
  await make(path)
}

describe('a repository', () => {
  test('is taken with its tags, and with images that have none', async () => {
    const adopting = await startAdopting()
    const { registry, stores, run } = adopting
    const image = await registry.addImage('team/app', '1', { layers: ['base', 'own'] })
    await registry.setTag('team/app', 'latest', image.manifest.digest)
    const bare = await registry.addImage('team/app', undefined, { layers: ['base', 'old'] })
    const { counts, told } = await run()
    expect(told).toEqual([])
    expect(counts).toMatchObject({ repositories: 1, images: 2, tags: 2, blobs: 6, linkedBlobs: 6 })
    const { digest } = image.manifest
    expect([await tagged(adopting), await tagged(adopting, 'latest' as Tag)]).toEqual([
      digest,
      digest,
    ])
    const untagged = bare.manifest.digest as Digest
    expect(await stores.hosted.findPushed(app, untagged)).toMatchObject({
      mediaType: bare.manifest.mediaType,
      sizeBytes: bare.manifest.size,
    })
    for (const { digest, size } of [image.config, ...image.layers, ...bare.layers])
      expect((await stores.hosted.findPushedBlob(app, digest as Digest))?.sizeBytes).toBe(size)
  })

  test('was pushed when it was pushed there', async () => {
    const { registry, stores, run } = await startAdopting()
    const { manifest } = await registry.addImage('team/app', '1')
    const later = new Date('2025-01-01T00:00:00Z')
    await registry.setTag('team/app', '2', manifest.digest, later)
    await run()
    const [version] = await stores.hosted.listVersions(app)
    expect(version).toEqual({
      digest: manifest.digest,
      pushedAt: later.getTime(),
      tags: [
        { tag: '1', pushedAt: registry.pushedAt.getTime() },
        { tag: '2', pushedAt: later.getTime() },
      ],
    })
  })

  test('has its indexes, and what refers to an image', async () => {
    const { registry, stores, run } = await startAdopting()
    const images = [
      await registry.addImage('team/app', undefined, { layers: ['amd64'] }),
      await registry.addImage('team/app', undefined, { layers: ['arm64'] }),
    ]
    const index = await registry.addIndex(
      'team/app',
      '1',
      images.map(({ manifest }) => manifest),
    )
    const signature = await registry.addImage('team/app', undefined, {
      layers: ['signature'],
      subject: index,
    })
    const { counts, told } = await run()
    expect([told, counts.images, counts.tags]).toEqual([[], 4, 1])
    // What is in an index, or refers to an image, doesn't stand by itself.
    const versions = await stores.hosted.listVersions(app)
    expect(versions.map(({ digest }) => digest)).toEqual([index.digest])
    const subject = index.digest as Digest
    const { entries } = await stores.hosted.listPushedReferrers(app, subject, page)
    expect(entries.map(({ digest }) => digest)).toEqual([signature.manifest.digest])
  })

  test('may have digests of sha512, of a manifest and of what lies under its sha256', async () => {
    const { registry, stores, run } = await startAdopting()
    const layer = await registry.addAlias('team/app', 'a layer', 'application/x')
    const config = await registry.addBlob('team/app', '{}', 'application/x')
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const text = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] })
    const { digest } = await registry.addManifest('team/app', '1', text, 'sha512')
    const { told } = await run()
    expect(told).toEqual([])
    expect(await stores.hosted.findPushedTag(app, one)).toBe(digest)
    const bytes = await readBlob(stores.blobs, layer.digest as Digest)
    expect(`${bytes}`).toBe('a layer')
  })

  test('is the same after a second run, which reads no layer', async () => {
    const adopting = await startAdopting()
    const { registry, run } = adopting
    const { layers, manifest } = await registry.addImage('team/app', '1')
    await run()
    const { counts } = await run()
    expect(counts).toMatchObject({ images: 0, knownImages: 1, tags: 0, blobs: 0, readBytes: 0 })
    await registry.addImage('team/app', '2', { layers: ['a layer', 'new'] })
    const { counts: third } = await run()
    // A layer and a manifest: the config is the same.
    expect(third).toMatchObject({ images: 1, knownImages: 1, tags: 1, blobs: 2 })
    expect(await tagged(adopting)).toBe(manifest.digest)
    expect((await stat(registry.contentOf(layers[0]?.digest ?? ''))).nlink).toBe(2)
  })

  test('gets back what was lost here', async () => {
    const { registry, stores, run } = await startAdopting()
    const { layers } = await registry.addImage('team/app', '1')
    await run()
    const digest = layers[0]?.digest as Digest
    await stores.blobs.remove(digest)
    expect((await run()).counts).toMatchObject({ knownImages: 1, blobs: 1 })
    expect(await stores.blobs.find(digest)).toBe(7)
  })

  test('is only read by a dry run', async () => {
    const adopting = await startAdopting()
    const { registry, stores, run } = adopting
    const { layers } = await registry.addImage('team/app', '1')
    await registry.addImage('team/other', '1', { layers: ['wrong'] })
    const other = await registry.addBlob('team/other', 'wrong')
    await writeFile(registry.contentOf(other.digest), 'other')
    const { counts, told } = await run({ isDryRun: true })
    expect(counts).toMatchObject({ repositories: 1, images: 1, tags: 1, blobs: 3 })
    expect(lines(told)).toEqual([
      expect.stringMatching(`^${other.digest}: .*holds other bytes`),
      expect.stringContaining('team/other:1@'),
    ])
    expect(await Array.fromAsync(stores.blobs.list())).toEqual([])
    expect(await stores.hosted.isHosted(app)).toBe(false)
    expect((await stat(registry.contentOf(layers[0]?.digest ?? ''))).nlink).toBe(1)
  })
})

describe('a tag', () => {
  test('moves when it was pushed there later, and not when it was pushed here later', async () => {
    const adopting = await startAdopting()
    const { registry, run } = adopting
    const old = await registry.addImage('team/app', '1')
    const middle = await registry.addImage('team/app', undefined, { layers: ['middle'] })
    await run()
    const soon = new Date(registry.pushedAt.getTime() + 1000)
    await registry.setTag('team/app', '1', middle.manifest.digest, soon)
    await run()
    expect(await tagged(adopting)).toBe(middle.manifest.digest)
    await registry.setTag('team/app', '1', old.manifest.digest, registry.pushedAt)
    const { notes, told } = await run()
    expect(await tagged(adopting)).toBe(middle.manifest.digest)
    expect(lines(notes)).toEqual([expect.stringContaining('team/app:1: was pushed here later')])
    expect(told).toEqual([])
  })

  test('that must not move stays, and is named', async () => {
    const adopting = await startAdopting({ hosted: { immutableTags: ['1'] } })
    const { registry, run } = adopting
    const { manifest } = await registry.addImage('team/app', '1')
    await run()
    const other = await registry.addImage('team/app', undefined, { layers: ['other'] })
    const soon = new Date(registry.pushedAt.getTime() + 1000)
    await registry.setTag('team/app', '1', other.manifest.digest, soon)
    expect(lines((await run()).told)).toEqual([expect.stringContaining('immutableTags')])
    const untagged = other.manifest.digest as Digest
    expect(await adopting.stores.hosted.findPushed(app, untagged)).toBeDefined()
    expect(await tagged(adopting)).toBe(manifest.digest)
  })
})

describe('what is damaged is named, and the rest is taken', () => {
  const startDamaged = async () => {
    const adopting = await startAdopting()
    const { registry } = adopting
    const good = await registry.addImage('team/app', 'good', { layers: ['base', 'good'] })
    const bad = await registry.addImage('team/app', 'bad', { layers: ['base', 'bad'] })
    const run = async () => {
      const { told, faults } = await adopting.run()
      expect(faults).toBe(told.length)
      expect(await tagged(adopting, 'good' as Tag)).toBe(good.manifest.digest)
      expect(await tagged(adopting, 'bad' as Tag)).toBeUndefined()
      return lines(told)
    }
    const layer = registry.contentOf(bad.layers[1]?.digest ?? '')
    return { ...adopting, bad, layer, run }
  }

  test('a layer with other bytes, in every image that has it', async () => {
    const { registry, stores, layer, bad, run } = await startDamaged()
    await registry.addImage('team/other', '1', { layers: ['base', 'bad'], config: '{"a":1}' })
    await writeFile(layer, 'BAD')
    const digest = bad.layers[1]?.digest
    expect(await run()).toEqual([
      expect.stringMatching(`^${digest}: ${layer} holds other bytes: they are sha256:`),
      expect.stringMatching(`^team/app:bad@${bad.manifest.digest}: it lacks ${digest}`),
      expect.stringMatching(`^team/other:1@sha256:.*: it lacks ${digest}`),
    ])
    expect(await stores.blobs.find(digest as Digest)).toBeUndefined()
    expect(await stores.hosted.isHosted(parseRepository('team/other'))).toBe(false)
  })

  test('a layer that is cut short, or gone', async () => {
    const { layer, run } = await startDamaged()
    await truncate(layer, 1)
    expect(await run()).toHaveLength(2)
    await rm(layer)
    expect(await run()).toEqual([expect.stringContaining('it lacks')])
  })

  test('a manifest with other bytes, or none', async () => {
    const { registry, bad, run } = await startDamaged()
    const file = registry.contentOf(bad.manifest.digest)
    await writeFile(file, '{}')
    expect(await run()).toEqual([expect.stringMatching('^team/app:bad@.*holds other bytes')])
    await rm(file)
    expect(await run()).toEqual([expect.stringContaining('its manifest is missing')])
  })

  test('a tag whose link is empty, or whose manifest was deleted', async () => {
    const { registry, bad, run } = await startDamaged()
    const link = join(registry.tagOf('team/app', 'bad'), 'current', 'link')
    await writeFile(link, '')
    expect(await run()).toEqual([expect.stringMatching('^team/app:bad: .* holds "", no digest')])
    await writeFile(link, bad.manifest.digest)
    await rm(join(registry.revisionOf('team/app', bad.manifest.digest), 'link'))
    expect(await run()).toEqual([expect.stringContaining('was deleted there')])
  })

  test('a pipe, which nobody writes to, and a device that never ends', {
    timeout: 20_000,
  }, async () => {
    const { registry, bad, layer, run } = await startDamaged()
    const manifest = registry.contentOf(bad.manifest.digest)
    const link = join(registry.tagOf('team/app', 'bad'), 'current', 'link')
    await replace(layer, makePipe)
    expect((await run())[0]).toBe(`${bad.layers[1]?.digest}: ${layer} is no file`)
    await replace(manifest, makePipe)
    expect(await run()).toEqual([expect.stringContaining(`${manifest} is no file`)])
    await replace(manifest, (path) => symlink('/dev/zero', path))
    expect(await run()).toEqual([expect.stringContaining(`${manifest} is no file`)])
    await replace(link, makePipe)
    expect(await run()).toContain(`team/app:bad: ${link} is no file`)
  })

  test('what can not be looked at, which is not the same as missing', async () => {
    const { registry, bad, layer, run } = await startDamaged()
    const loop = (path: string) => symlink(path, path)
    const told = (path: string) => expect.stringContaining(`${path} can't be read (ELOOP)`)
    await replace(layer, loop)
    expect(await run()).toContainEqual(told(layer))
    await rm(layer)
    const digest = bad.layers[1]?.digest ?? ''
    const alias = join(
      registry.inside('repositories/team/app/_layers'),
      ...digest.split(':'),
      'link',
    )
    await replace(alias, loop)
    expect(await run()).toContainEqual(told(alias))
    const manifest = registry.contentOf(bad.manifest.digest)
    await replace(manifest, loop)
    expect(await run()).toEqual([told(manifest)])
    const folder = registry.inside('repositories/team/other')
    await mkdir(folder)
    await loop(join(folder, '_manifests'))
    expect(await run()).toContain(`team/other: ${join(folder, '_manifests')} can't be read (ELOOP)`)
  })

  test('what is no manifest, such as one of schema 1', async () => {
    const { registry, bad, run } = await startDamaged()
    const old = await registry.addManifest('team/app', 'bad', '{"schemaVersion":1}')
    await rm(registry.revisionOf('team/app', bad.manifest.digest), { recursive: true })
    expect(await run()).toEqual([expect.stringMatching(`^team/app:bad@${old.digest}: .*schema 1`)])
  })

  test('platforms of an index; the others are taken', async () => {
    const { registry, stores, run: adopt } = await startAdopting()
    const amd64 = await registry.addImage('team/app', undefined, { layers: ['amd64'] })
    const arm64 = await registry.addImage('team/app', undefined, { layers: ['arm64'] })
    const index = await registry.addIndex('team/app', '1', [amd64.manifest, arm64.manifest])
    await rm(registry.contentOf(arm64.layers[0]?.digest ?? ''))
    const { told } = await adopt()
    expect(lines(told)).toEqual([
      expect.stringMatching(`^team/app@${arm64.manifest.digest}: it lacks`),
      expect.stringMatching(
        `^team/app:1@${index.digest}: it is taken without ${arm64.manifest.digest}`,
      ),
    ])
    expect(await stores.hosted.findPushedTag(app, one)).toBe(index.digest)
    expect(await stores.hosted.findPushed(app, amd64.manifest.digest as Digest)).toBeDefined()
  })

  test('an index of which nothing is there', async () => {
    const { registry, stores, run: adopt } = await startAdopting()
    const { manifest } = await registry.addImage('team/other', '1')
    await registry.addIndex('team/app', '1', [{ ...manifest, digest: missing }])
    expect(lines((await adopt()).told)).toEqual([expect.stringContaining(`it lacks ${missing}`)])
    expect(await stores.hosted.isHosted(app)).toBe(false)
  })

  test('a whole repository', async () => {
    const { registry, run } = await startDamaged()
    await registry.addImage('a/broken', '1')
    await rm(registry.inside('repositories/a/broken/_manifests/revisions'), { recursive: true })
    await writeFile(registry.inside('repositories/a/broken/_manifests/revisions'), '')
    await rm(registry.tagOf('team/app', 'bad'), { recursive: true })
    expect(await run()).toEqual([expect.stringMatching('^a/broken:1: .*was deleted there')])
  })
})

describe('a name that can be none here', () => {
  test.each([
    ['library/alpine', /library\/ holds.*--upstream/],
    ['ghcr.io/team/app', /names the upstream.*--upstream/],
    ['Team/app', /is not a repository name/],
  ])('%s is named, with why', async (name, why) => {
    const adopting = await startAdopting({ upstreams: { 'docker.io': {}, 'ghcr.io': {} } })
    const { registry, run } = adopting
    await registry.addImage(name, '1')
    const { manifest } = await registry.addImage('team/app', '1')
    const { told, counts } = await run()
    expect(told).toEqual([{ where: name, what: expect.stringMatching(why) }])
    expect(counts.repositories).toBe(1)
    expect(await tagged(adopting)).toBe(manifest.digest)
  })
})

test('a layer that is kept already is neither read nor needed there', async () => {
  const adopting = await startAdopting()
  const { registry, stores, run } = adopting
  const { layers, manifest } = await registry.addImage('team/app', '1')
  const digest = layers[0]?.digest as Digest
  await putBlob(stores.blobs, digest, Buffer.from('a layer'))
  await stores.hosted.announceBlob({ digest, sizeBytes: 7 }, Date.now())
  await rm(registry.contentOf(digest))
  const { counts, told } = await run()
  expect([told, counts.knownBlobs]).toEqual([[], 1])
  expect(await tagged(adopting)).toBe(manifest.digest)
})
