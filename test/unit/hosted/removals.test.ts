import { afterEach, beforeEach, expect, test } from 'vitest'
import { Removals } from '../../../src/hosted/removals.ts'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { ociManifest } from '../../../src/oci/media-type.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const app = parseRepository('team/app')
const rule = { repositories: ['**'], tags: undefined, keepLast: 1, maxAgeMs: undefined }
const tags = ['1', '2', '3', '4'].map((name) => name as Tag)

let directory: TemporaryDirectory
let stores: Stores

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  const onError = (error: unknown) => {
    throw error
  }
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
  for (const [place, tag] of tags.entries()) await push(tag, place)
})
afterEach(async () => {
  await stores.close()
  await directory.remove()
})

async function push(tag: Tag, pushedAt: number): Promise<Digest> {
  const digest = digestOf(Buffer.from(tag))
  const plain = { artifactType: undefined, subject: undefined, annotations: undefined }
  const image = { digest, mediaType: ociManifest, sizeBytes: 1, children: [], pushedAt, ...plain }
  await stores.hosted.recordPushed(app, { image, tags: [tag], needs: [], fixedTags: [] })
  return digest
}

test('what the rules take away ends with the image that it is at when the server stops', async () => {
  const stopping = new AbortController()
  const removals = new Removals({
    records: stores.hosted,
    isFixed: () => false,
    onRemoved: async () => stopping.abort(),
    now: () => 1000,
    signal: stopping.signal,
  })
  const pruned = await removals.prune([rule], { isDryRun: false })
  expect(pruned.map((version) => version.tags)).toEqual([['3']])
  expect(await stores.hosted.listVersions(app)).toHaveLength(3)
  expect(await removals.prune([rule], { isDryRun: false })).toEqual([])
})
