import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { operator } from '../../../src/access/caller.ts'
import type { RepositoryQuery } from '../../../src/catalog/any-catalog.ts'
import { Repositories } from '../../../src/catalog/repositories.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { openStores } from '../../../src/store/open-stores.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const query: RepositoryQuery = {
  search: '',
  order: 'pulled',
  isDescending: true,
  source: 'all',
  offset: 0,
  limit: 10,
  mayLackSizes: true,
}

/** One repository with 7 bytes, in a store that measures only once it is let. */
const startMeasuring = async () => {
  const directory = await makeTemporaryDirectory()
  const fail = (error: unknown) => {
    throw error
  }
  const callbacks = { onError: fail, onFault: fail, onRecovered: () => {} }
  const stores = await openStores(join(directory.path, 'data'), callbacks)
  onTestFinished(async () => {
    await stores.close()
    await directory.remove()
  })
  const linked = { digest: digestOf(Buffer.from('layer')), sizeBytes: 7 }
  const image = {
    ...{ digest: digestOf(Buffer.from('image')), mediaType: 'application/x+json', sizeBytes: 9 },
    ...{ children: [], artifactType: undefined, subject: undefined, annotations: undefined },
    pushedAt: 1,
  }
  await stores.hosted.linkPushed(parseRepository('team/app'), [linked], 1)
  const push = { image, tags: [], needs: [], fixedTags: [] }
  await stores.hosted.recordPushed(parseRepository('team/app'), push)
  const { promise: isLet, resolve: letMeasure } = Promise.withResolvers<void>()
  const measureRepositories = async () => {
    await isLet
    return stores.overviews.measureRepositories()
  }
  const overviews = { ...stores.overviews, measureRepositories }
  const repositories = new Repositories({
    stores: { ledger: stores.ledger, overviews },
    access: { may: () => true, mayPullAll: () => true },
    now: Date.now,
    onError: fail,
  })
  const list = (more: Partial<RepositoryQuery> = {}) =>
    repositories.list({ ...query, ...more }, operator)
  return { list, letMeasure }
}

test('who can do without sizes isn’t kept waiting for them', async () => {
  const { list, letMeasure } = await startMeasuring()
  expect(await list()).toMatchObject({ isMeasured: false, total: 1, entries: [{ sizeBytes: 0 }] })
  letMeasure()
  await expect
    .poll(() => list())
    .toMatchObject({ isMeasured: true, entries: [{ sizeBytes: 7, ownBytes: 7 }] })
})

test('who asks for sizes, or for an order by them, waits', async () => {
  const { list, letMeasure } = await startMeasuring()
  const asked = [{ mayLackSizes: false }, { order: 'size' }, { order: 'own' }, { largerThan: 1 }]
  const waiting = Promise.all(asked.map((each) => list(each as Partial<RepositoryQuery>)))
  let isThere = false
  void waiting.finally(() => {
    isThere = true
  })
  expect((await list()).isMeasured).toBe(false)
  expect(isThere).toBe(false)
  letMeasure()
  for (const found of await waiting) {
    expect(found).toMatchObject({ isMeasured: true, entries: [{ sizeBytes: 7 }] })
  }
})
