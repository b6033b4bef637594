import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import { readImageLayers } from '../../../src/oci/image-layers.ts'
import { ociIndex, ociManifest } from '../../../src/oci/media-type.ts'

const named = (name: string) => digestOf(Buffer.from(name))
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

const layerOf = (name: string, details: object = {}) => {
  return { mediaType: layerType, digest: named(name), size: 5, ...details }
}

const config = { ...layerOf('config'), mediaType: 'application/vnd.oci.image.config.v1+json' }

const read = (document: object, mediaType = ociManifest) =>
  readImageLayers(Buffer.from(JSON.stringify(document)), mediaType)

test("an image's layers are in the manifest's order, each once", () => {
  const layers = ['c', 'a', 'b', 'a'].map((name) => layerOf(name))
  expect(read({ config, layers })).toEqual({
    config: named('config'),
    layers: ['c', 'a', 'b'].map(named),
  })
})

describe('what the registry does not have, or is no layer, is left out', () => {
  test.each([
    ['with URLs', layerOf('other', { urls: ['https://elsewhere.example/layer'] })],
    ['of Windows', layerOf('other', { mediaType: dockerLayer('foreign.diff.tar.gzip') })],
    ['not distributable', layerOf('other', { mediaType: ociLayer('nondistributable.v1.tar') })],
    ['with a malformed digest', layerOf('other', { digest: 'sha256:abc' })],
    ['the same empty object as the config', { ...layerOf('config') }],
  ])('%s', (_rule, other) => {
    const layers = [layerOf('a'), other, layerOf('b')]
    expect(read({ config, layers })?.layers).toEqual(['a', 'b'].map(named))
  })
})

test('an empty list of URLs says nothing', () => {
  expect(read({ config, layers: [layerOf('a', { urls: [] })] })?.layers).toEqual([named('a')])
})

test('two hundred layers are an image, and more are none', () => {
  const layers = Array.from({ length: 201 }, (_, at) => layerOf(`${at}`))
  expect(read({ config, layers: layers.slice(0, 200) })?.layers).toHaveLength(200)
  expect(read({ config, layers })).toBeUndefined()
})

describe('no image is', () => {
  test.each([
    ['an index', { manifests: [] }, ociIndex],
    ['a manifest without a config', { layers: [layerOf('a')] }, ociManifest],
    ['a manifest without layers', { config }, ociManifest],
    ['larger than any', { config, layers: [], pad: 'x'.repeat(256 * 1024) }, ociManifest],
  ])('%s', (_rule, document, mediaType) => {
    expect(read(document, mediaType)).toBeUndefined()
  })
})

function dockerLayer(end: string): string {
  return `application/vnd.docker.image.rootfs.${end}`
}

function ociLayer(end: string): string {
  return `application/vnd.oci.image.layer.${end}`
}
