import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.ts'
import type { Tag } from '../../../src/oci/reference.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { Pins } from '../../../src/space/pins.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const digest = digestOf(Buffer.from('node'))
const node = { upstream: dockerHub, repository: parseRepository('library/node') }

let directory: TemporaryDirectory
let stores: Stores

beforeAll(async () => {
  directory = await makeTemporaryDirectory()
  const onError = (error: unknown) => {
    throw error
  }
  stores = await openStores(directory.path, { onError, onFault: onError, onRecovered: () => {} })
})
afterAll(async () => {
  await stores.close()
  await directory.remove()
})

test.each([
  { pattern: 'docker.io/library/node', may: true, tag: undefined },
  { pattern: 'docker.io/library/node:20', may: true, tag: '20' },
  { pattern: 'docker.io/library/node:20-*', may: true, tag: '20-slim' },
  { pattern: `docker.io/library/node@${digest}`, may: true, tag: undefined },
  { pattern: 'docker.io/library/n*-slim', may: true, tag: '20-slim' },
  { pattern: 'docker.io/**', may: true, tag: undefined },
  { pattern: '{docker.io,ghcr.io}/library/node', may: true, tag: undefined },
  { pattern: 'docker.io/library/@(node|bun):20', may: true, tag: '20' },
  { pattern: 'docker.io/library/node:21', may: true, tag: '20', isOther: true },
  { pattern: 'docker.io/library/node-red', may: false, tag: '20', isOther: true },
  { pattern: 'docker.io/library/bun*', may: false, tag: '20', isOther: true },
  { pattern: 'ghcr.io/**', may: false, tag: '20', isOther: true },
])('$pattern is known to pin nothing of node only where it pins nothing', async (each) => {
  const { pattern, may, tag, isOther = false } = each
  const pins = await Pins.open(stores.space, [pattern])
  expect(pins.mayHold(node)).toBe(may)
  const tags = tag === undefined ? [] : [tag as Tag]
  expect(pins.find({ source: node, digest, tags })).toBe(isOther ? undefined : pattern)
})
