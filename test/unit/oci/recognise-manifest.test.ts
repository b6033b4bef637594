import { expect, test } from 'vitest'
import { ociIndex, ociManifest } from '../../../src/oci/media-type.ts'
import { recogniseManifest } from '../../../src/oci/recognise-manifest.ts'

const digest = `sha256:${'a'.repeat(64)}`
const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: 1 }
const recognise = (value: unknown) => recogniseManifest(Buffer.from(JSON.stringify(value)))

test('a manifest and an index are recognised by what they say', () => {
  const manifest = { schemaVersion: 2, mediaType: ociManifest, config: descriptor, layers: [] }
  expect(recognise({ ...manifest, annotations: { a: 'b' } })).toMatchObject({
    mediaType: ociManifest,
    children: [{ digest }],
    annotations: { a: 'b' },
  })
  expect(recognise({ schemaVersion: 2, mediaType: ociIndex, manifests: [] })).toBeDefined()
})

test('and by their shape, where they don’t say it', () => {
  expect(recognise({ schemaVersion: 2, layers: [descriptor] })?.mediaType).toBe(ociManifest)
  expect(recognise({ schemaVersion: 2, manifests: [] })?.mediaType).toBe(ociIndex)
})

test.each([
  ['a config', { architecture: 'amd64', config: {}, rootfs: { type: 'layers', diff_ids: [] } }],
  ['something of another type', { schemaVersion: 2, mediaType: 'application/a+json', layers: [] }],
  ['something without a version', { layers: [descriptor] }],
  ['a schema 1 manifest', { schemaVersion: 1, fsLayers: [] }],
  ['a manifest and an index at once', { schemaVersion: 2, layers: [], manifests: [] }],
  ['a list', [1]],
])('%s is none', (_, value) => {
  expect(recognise(value)).toBeUndefined()
})

test('nor is what is no JSON, or takes too long to read', () => {
  expect(recogniseManifest(Buffer.from('{"schemaVersion":2'))).toBeUndefined()
  expect(recogniseManifest(Buffer.alloc(0))).toBeUndefined()
  const layers = Array.from({ length: 20_000 }, () => ({}))
  expect(recognise({ schemaVersion: 2, layers })).toBeUndefined()
})
