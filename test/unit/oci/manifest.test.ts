import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import { ManifestFormatError, parseManifest } from '../../../src/oci/manifest.ts'
import {
  dockerManifest,
  dockerManifestList,
  ociArtifactManifest,
  ociIndex,
  ociManifest,
} from '../../../src/oci/media-type.ts'

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value))
const digest = digestOf(Buffer.from('layer'))
const configDigest = digestOf(Buffer.from('config'))
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 5 }
const config = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: configDigest,
  size: 6,
}
const image = { schemaVersion: 2, config, layers: [layer] }
const index = { schemaVersion: 2, manifests: [{ mediaType: ociManifest, digest, size: 7 }] }

describe('the media type', () => {
  test.each([
    ['is the one that came with the bytes', image, dockerManifest, dockerManifest],
    [
      'is the one in the body where none came',
      { ...image, mediaType: ociManifest },
      undefined,
      ociManifest,
    ],
    ['may stand in both places', { ...index, mediaType: ociIndex }, ociIndex, ociIndex],
    ['of a document with layers is a manifest', image, undefined, ociManifest],
    ['of a document with manifests is an index', index, undefined, ociIndex],
    ['of an empty index is an index', { manifests: [] }, undefined, ociIndex],
    [
      'may be one we do not know',
      { mediaType: 'application/vnd.x+json' },
      undefined,
      'application/vnd.x+json',
    ],
  ])('%s', (_rule, document, headerType, expected) => {
    expect(parseManifest(bytesOf(document), headerType).mediaType).toBe(expected)
  })
})

describe('what a manifest names', () => {
  test('is its config and its layers, in order', () => {
    expect(parseManifest(bytesOf(image), ociManifest).children).toEqual([
      { mediaType: config.mediaType, digest: configDigest, sizeBytes: 6 },
      { mediaType: layer.mediaType, digest, sizeBytes: 5 },
    ])
  })

  test('is the manifests of an index', () => {
    expect(parseManifest(bytesOf(index), dockerManifestList).children).toEqual([
      { mediaType: ociManifest, digest, sizeBytes: 7 },
    ])
  })

  test('is the blobs of an artifact manifest', () => {
    const artifact = { blobs: [layer], artifactType: 'application/vnd.x' }
    const manifest = parseManifest(bytesOf(artifact), ociArtifactManifest)
    expect(manifest.children).toMatchObject([{ digest }])
    expect(manifest.artifactType).toBe('application/vnd.x')
  })

  test('leaves out what is no descriptor', () => {
    const layers = [null, 'x', { ...layer, size: -1 }, { ...layer, digest: 'sha256:x' }, layer]
    expect(parseManifest(bytesOf({ layers }), ociManifest).children).toMatchObject([{ digest }])
  })

  test('may be nothing', () => {
    expect(parseManifest(bytesOf({ layers: null }), ociManifest).children).toEqual([])
  })

  test('is beside its subject', () => {
    const subject = { mediaType: ociManifest, digest: configDigest, size: 1 }
    expect(parseManifest(bytesOf({ ...image, subject }), undefined).subject).toBe(configDigest)
    expect(parseManifest(bytesOf({ ...image, subject: 'x' }), undefined).subject).toBeUndefined()
  })
})

describe('what is no manifest is refused', () => {
  test.each([
    ['a page of HTML', Buffer.from('<html>'), undefined, 'not JSON'],
    ['nothing', Buffer.alloc(0), ociManifest, 'not JSON'],
    ['JSON that is cut off', bytesOf(image).subarray(0, -1), ociManifest, 'not JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), ociManifest, 'not JSON'],
    ['a list', bytesOf([image]), ociManifest, 'no object'],
    ['null', bytesOf(null), ociManifest, 'no object'],
    ['a text', bytesOf('manifest'), ociManifest, 'no object'],
    ['an error', bytesOf({ errors: [{ code: 'UNKNOWN' }] }), undefined, 'without mediaType'],
    ['schema 1', bytesOf({ schemaVersion: 1, fsLayers: [] }), undefined, 'schema 1'],
    [
      'schema 1 under another name',
      bytesOf({ ...image, schemaVersion: 1 }),
      ociManifest,
      'schema 1',
    ],
    [
      'a type in the body that is not the one outside',
      bytesOf({ ...image, mediaType: ociIndex }),
      ociManifest,
      'in the body',
    ],
    ['layers and manifests at once', bytesOf({ ...image, ...index }), undefined, 'at once'],
    ['manifests and a config at once', bytesOf({ ...index, config }), ociIndex, 'at once'],
    [
      'both at once under a type that we do not know',
      bytesOf({ ...image, ...index }),
      'application/vnd.x+json',
      'at once',
    ],
    ['an index called a manifest', bytesOf(index), ociManifest, 'called a manifest'],
    ['a manifest called an index', bytesOf(image), ociIndex, 'called an index'],
    ['a manifest called a manifest list', bytesOf(image), dockerManifestList, 'called an index'],
    [
      'a type that would break the header it goes into',
      bytesOf({ ...image, mediaType: 'a/b\r\nX: y+json' }),
      undefined,
      '',
    ],
    ['a type that is empty', bytesOf({ config: {}, mediaType: '' }), undefined, ''],
  ])('%s', (_rule, bytes, headerType, message) => {
    expect(() => parseManifest(bytes, headerType)).toThrow(ManifestFormatError)
    expect(() => parseManifest(bytes, headerType)).toThrow(new RegExp(message, 'i'))
  })

  test('and a long type is repeated only in part', () => {
    const mediaType = 'x'.repeat(100_000)
    expect(() => parseManifest(bytesOf({ ...image, mediaType }), ociManifest)).toThrow(/^.{0,300}$/)
  })
})
