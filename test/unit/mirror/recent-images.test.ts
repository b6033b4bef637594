import { expect, test } from 'vitest'
import { RecentImages } from '../../../src/mirror/recent-images.ts'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { ociIndex, ociManifest } from '../../../src/oci/media-type.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import type { Source } from '../../../src/oci/source.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'

const sourceOf = (name: string): Source => {
  return { upstream: 'docker.io' as UpstreamName, repository: parseRepository(name) }
}

const source = sourceOf('team/app')
const named = (name: string): Digest => digestOf(Buffer.from(name))

const manifestOf = (config: string, layers: readonly string[], mediaType = ociManifest) => {
  const toDescriptor = (name: string) => ({ mediaType: 'a/b', digest: named(name), size: 1 })
  const document = { config: toDescriptor(config), layers: layers.map(toDescriptor) }
  const bytes = Buffer.from(JSON.stringify(document))
  return { digest: digestOf(bytes), mediaType, bytes }
}

test('an image is found by its layers and its config, in its repository', () => {
  const images = new RecentImages()
  const image = images.note(source, manifestOf('config', ['a', 'b']))
  expect([...(image?.layers ?? [])]).toEqual(['a', 'b'].map(named))
  for (const name of ['a', 'b', 'config']) expect(images.find(source, named(name))).toBe(image)
  expect(images.find(source, named('c'))).toBeUndefined()
  expect(images.find(sourceOf('team/other'), named('a'))).toBeUndefined()
})

test('of two that share a layer the one that was pulled last is found', () => {
  const images = new RecentImages()
  const older = manifestOf('older', ['base', 'a'])
  const first = images.note(source, older)
  const second = images.note(source, manifestOf('newer', ['base', 'b']))
  expect(images.find(source, named('base'))).toBe(second)
  expect(images.find(source, named('a'))).toBe(first)
  expect(images.note(source, older)).toBe(first)
  expect(images.find(source, named('base'))).toBe(first)
})

test('an index is no image', () => {
  const images = new RecentImages()
  expect(images.note(source, manifestOf('config', ['a'], ociIndex))).toBeUndefined()
  expect(images.find(source, named('a'))).toBeUndefined()
})

test('of one repository sixteen are remembered', () => {
  const images = new RecentImages()
  for (let count = 0; count < 17; count++) {
    images.note(source, manifestOf(`config ${count}`, [`layer ${count}`]))
  }
  expect(images.find(source, named('layer 0'))).toBeUndefined()
  expect(images.find(source, named('layer 1'))).toBeDefined()
})

test('of all together so many are remembered as have 20,000 layers', () => {
  const images = new RecentImages()
  const layers = Array.from({ length: 200 }, (_, at) => `layer ${at}`)
  for (let count = 0; count < 100; count++) {
    images.note(sourceOf(`team/app-${count}`), manifestOf(`config ${count}`, layers))
  }
  const isRemembered = (count: number) =>
    images.find(sourceOf(`team/app-${count}`), named('layer 0')) !== undefined
  expect([0, 1, 2, 99].map(isRemembered)).toEqual([false, false, true, true])
})
