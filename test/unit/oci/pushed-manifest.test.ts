import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import { ociArtifactManifest, ociIndex, ociManifest } from '../../../src/oci/media-type.ts'
import { parsePushedManifest } from '../../../src/oci/pushed-manifest.ts'

const config = describeContent('config', 'application/vnd.oci.image.config.v1+json')
const layer = describeContent('layer', 'application/vnd.oci.image.layer.v1.tar')
const image = { schemaVersion: 2, mediaType: ociManifest, config, layers: [layer] }
const index = { schemaVersion: 2, mediaType: ociIndex, manifests: [] }

function describeContent(content: string, mediaType: string) {
  return { mediaType, digest: digestOf(Buffer.from(content)), size: content.length }
}

function parse(document: object) {
  return parsePushedManifest(Buffer.from(JSON.stringify(document)), undefined)
}

test.each([
  ['a config that isn’t there', { ...image, config: undefined }, 'config'],
  ['a config without size', { ...image, config: { ...config, size: undefined } }, 'config'],
  ['layers that are an object', { ...image, layers: {} }, 'layers'],
  [
    'a layer of a digest that is none',
    { ...image, layers: [layer, { ...layer, digest: 'sha256:0' }] },
    'layers[1]',
  ],
  ['a layer of a negative size', { ...image, layers: [{ ...layer, size: -1 }] }, 'layers[0]'],
  ['a listed manifest that is a text', { ...index, manifests: ['x'] }, 'manifests[0]'],
  ['a subject that is none', { ...index, subject: {} }, 'subject'],
])('%s is refused by its name', (_what, document, where) => {
  expect(() => parse(document)).toThrow(`its ${where} is no`)
})

test.each([
  ['layers that are null', { ...image, layers: null }],
  ['a subject that is null', { ...image, subject: null }],
  ['an artifact without config', { mediaType: ociArtifactManifest, blobs: [layer] }],
  ['anything in a document of a type that nobody knows', { mediaType: 'a/b+json', layers: [1] }],
])('%s is taken', (_what, document) => {
  expect(parse(document)).toBeDefined()
})

test('what is named twice is needed once', () => {
  const { needs } = parse({ ...image, layers: [layer, layer, config] })
  expect(needs.map(({ digest }) => digest)).toEqual([config.digest, layer.digest])
})

describe('the type that its referrers are listed by', () => {
  test.each([
    ['is its own', { ...image, artifactType: 'a/b' }, 'a/b'],
    ['is its config’s', image, config.mediaType],
    ['is its config’s where its own is empty', { ...image, artifactType: '' }, config.mediaType],
    ['is none of an index', index, undefined],
    ['is none of an index where it is empty', { ...index, artifactType: '' }, undefined],
  ])('%s', (_rule, document, type) => {
    expect(parse(document).artifactType).toBe(type)
  })
})
