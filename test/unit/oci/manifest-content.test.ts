import { expect, test } from 'vitest'
import { readManifestContent } from '../../../src/oci/manifest-content.ts'

const read = (value: object) => readManifestContent(Buffer.from(JSON.stringify(value)))

const digestOf = (character: string) => `sha256:${character.repeat(64)}`
const describeAs = (character: string, details: object = {}) => {
  return { mediaType: 'application/x+json', digest: digestOf(character), size: 7, ...details }
}
const found = (character: string) => {
  return { mediaType: 'application/x+json', digest: digestOf(character), sizeBytes: 7 }
}

test('a manifest has a config, layers and blobs, a subject, and annotations that are texts', () => {
  const content = read({
    artifactType: 'application/y',
    config: describeAs('a'),
    layers: [describeAs('b'), { digest: 'wrong' }],
    blobs: [describeAs('c')],
    subject: describeAs('d'),
    annotations: { a: 'b', c: 7 },
  })
  expect(content).toEqual({
    artifactType: 'application/y',
    config: found('a'),
    layers: [found('b'), found('c')],
    subject: found('d'),
    annotations: { a: 'b' },
    manifests: [],
  })
})

test.each([
  [{ os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
  [{ os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
  [{ os: 'unknown', architecture: 'unknown' }, undefined],
  [{ os: 7 }, undefined],
  [{}, undefined],
  [null, undefined],
  [undefined, undefined],
])('an index lists what is for %j as %s', (platform, text) => {
  const { manifests } = read({ manifests: [describeAs('a', { platform }), 'none'] })
  expect(manifests).toEqual([{ ...found('a'), platform: text }])
})

test.each([
  [digestOf('b'), digestOf('b')],
  ['<script>', undefined],
  [7, undefined],
])('what says that it is about %j attests %s', (about, attests) => {
  const annotations = { 'vnd.docker.reference.digest': about }
  const { manifests } = read({ manifests: [describeAs('a', { annotations })] })
  expect(manifests[0]?.attests).toBe(attests)
})
