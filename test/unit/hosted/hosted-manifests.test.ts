import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HostedManifests, type NewManifest } from '../../../src/hosted/hosted-manifests.ts'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../../src/oci/media-type.ts'
import type { Reference, Tag } from '../../../src/oci/reference.ts'
import { parseRepository, type Repository } from '../../../src/oci/repository.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { readBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const app = parseRepository('team/app')
const other = parseRepository('team/other')
const config = describeContent('config', 'application/vnd.oci.image.config.v1+json')
const layer = describeContent('layer', 'application/vnd.oci.image.layer.v1.tar+gzip')
const latest = 'latest' as Tag

let directory: TemporaryDirectory
let stores: Stores
let manifests: HostedManifests

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  const onError = (error: unknown) => {
    throw error
  }
  const callbacks = { onError, onFault: onError, onRecovered: () => {} }
  stores = await openStores(directory.path, callbacks)
  const isFixed = (_: Repository, tag: Tag) => tag.startsWith('fixed')
  manifests = new HostedManifests({ stores, isFixed, now: () => 1000 })
})
afterEach(async () => {
  await stores.close()
  await directory.remove()
})

function describeContent(content: string, mediaType: string) {
  const bytes = Buffer.from(content)
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

function manifestOf(details: object = {}): Buffer {
  const document = { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] }
  return Buffer.from(JSON.stringify({ ...document, ...details }))
}

function indexOf(listed: readonly Buffer[], details: object = {}): Buffer {
  const manifests = listed.map((bytes) => {
    return { mediaType: ociManifest, digest: digestOf(bytes), size: bytes.length }
  })
  return Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests, ...details }),
  )
}

async function link(...contents: readonly { digest: Digest; size: number }[]): Promise<void> {
  const blobs = contents.map(({ digest, size }) => ({ digest, sizeBytes: size }))
  await stores.hosted.linkPushed(app, blobs, 1000)
}

function push(bytes: Buffer, details: Partial<NewManifest> = {}) {
  const usual = { mediaType: undefined, reference: latest as Reference, tags: [] }
  return manifests.push(app, { bytes, ...usual, ...details })
}

const refusing = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('a manifest', () => {
  const bytes = manifestOf()
  const digest = digestOf(bytes)

  beforeEach(() => link(config, layer))

  test('is kept byte for byte, under its tag', async () => {
    expect(await push(bytes)).toEqual({ digest, subject: undefined })
    expect(await readBlob(stores.blobs, digest)).toEqual(bytes)
    expect(await stores.hosted.findPushedTag(app, latest)).toBe(digest)
    expect(await stores.hosted.findPushed(app, digest)).toEqual({
      mediaType: ociManifest,
      sizeBytes: bytes.length,
    })
    expect(await stores.hosted.isHosted(other)).toBe(false)
  })

  test.each(['sha256', 'sha512'] as const)(
    'is kept by its %s, and by further tags',
    async (algorithm) => {
      const reference = digestOf(bytes, algorithm)
      const tags = ['v1', 'v1.2'] as Tag[]
      expect(await push(bytes, { reference, tags })).toMatchObject({ digest: reference })
      expect(await stores.hosted.listPushedTags(app, { limit: 10 })).toEqual(tags)
      expect(await readBlob(stores.blobs, reference)).toEqual(bytes)
    },
  )

  test('is refused by another digest than its own', async () => {
    const reference = digestOf(Buffer.from('something else'))
    await expect(push(bytes, { reference })).rejects.toThrow(refusing('DIGEST_INVALID', digest))
    expect(await stores.hosted.isHosted(app)).toBe(false)
  })

  test('is refused where the type that is said isn’t its own', async () => {
    const invalid = refusing('MANIFEST_INVALID', 'Content-Type')
    await expect(push(bytes, { mediaType: ociIndex })).rejects.toThrow(invalid)
  })

  test('may name a subject that isn’t there, which is told', async () => {
    const subject = describeContent('nowhere', ociManifest)
    const referrer = manifestOf({ subject, annotations: { made: 'today' } })
    expect(await push(referrer)).toMatchObject({ subject: subject.digest })
    const page = { limit: 10 }
    const found = await stores.hosted.listPushedReferrers(app, subject.digest, page)
    expect(found.entries).toEqual([
      {
        digest: digestOf(referrer),
        mediaType: ociManifest,
        sizeBytes: referrer.length,
        artifactType: config.mediaType,
        annotations: { made: 'today' },
      },
    ])
  })

  test('may have layers that come from elsewhere', async () => {
    const mediaType = 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'
    const layers = [layer, describeContent('elsewhere', mediaType)]
    await expect(push(manifestOf({ layers }))).resolves.toBeDefined()
  })
})

describe('a manifest is refused', () => {
  test('that needs what isn’t there; all of it is named', async () => {
    await link(layer)
    const unknown = refusing(
      'MANIFEST_BLOB_UNKNOWN',
      `push ${config.digest} ("${config.mediaType}")`,
    )
    await expect(push(manifestOf())).rejects.toThrow(unknown)
    expect(await stores.hosted.isHosted(app)).toBe(false)
    expect(await readBlob(stores.blobs, digestOf(manifestOf()))).toBeUndefined()
  })

  test('that needs what only another repository has', async () => {
    const blobs = [config, layer].map(({ digest, size }) => ({ digest, sizeBytes: size }))
    await stores.hosted.linkPushed(other, blobs, 1000)
    await expect(push(manifestOf())).rejects.toThrow(layer.digest)
  })

  test('that needs many things, with the first of them', async () => {
    const layers = Array.from({ length: 100 }, (_, index) =>
      describeContent(`${index}`, 'a/b+json'),
    )
    await expect(push(manifestOf({ layers }))).rejects.toThrow('and 96 more')
  })

  test('that names a thing by another size than it has', async () => {
    await link(config, { ...layer, size: layer.size + 1 })
    const invalid = refusing('MANIFEST_INVALID', `${layer.digest} has 5 bytes, but it has 6`)
    await expect(push(manifestOf())).rejects.toThrow(invalid)
  })

  test('that is none', async () => {
    const invalid = refusing('MANIFEST_INVALID', 'it is not JSON')
    await expect(push(Buffer.from('<html>'))).rejects.toThrow(invalid)
  })
})

describe('an index', () => {
  const [one, two] = [manifestOf({ layers: [] }), manifestOf({ annotations: { b: 'c' } })]

  beforeEach(() => link(config, layer))

  test('is kept once what it lists is there', async () => {
    await push(one)
    await expect(push(indexOf([one, two]))).rejects.toThrow(digestOf(two))
    await push(two)
    const whole = indexOf([one, two])
    await expect(push(indexOf([whole]))).rejects.toThrow(digestOf(whole))
    await push(whole)
    await expect(push(indexOf([whole]))).resolves.toBeDefined()
  })

  test('may be empty', async () => {
    await expect(push(indexOf([]))).resolves.toBeDefined()
  })

  test('has no type for its referrers but its own', async () => {
    const subject = describeContent('nowhere', ociManifest)
    await push(indexOf([], { subject }))
    await push(indexOf([], { subject, artifactType: 'application/vnd.x' }))
    const found = await stores.hosted.listPushedReferrers(app, subject.digest, { limit: 10 })
    expect(new Set(found.entries.map(({ artifactType }) => artifactType))).toEqual(
      new Set([undefined, 'application/vnd.x']),
    )
  })
})
