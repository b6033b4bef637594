import { expect, test } from 'vitest'
import { createLoggedDemands } from '../../../../bench/eviction/logged-demands.ts'

const replay = (uris: readonly string[]) => createLoggedDemands(uris, 1)

test('blobs belong to the last manifest that their repository was asked for', () => {
  const [first, other, second] = replay([
    'v2',
    'v2/team/app/manifests/m1',
    'v2/team/app/blobs/b1',
    'v2/other/manifests/m1',
    'v2/team/app/blobs/b2',
    'v2/other/blobs/b1',
    'v2/team/app/manifests/m2',
    '',
  ])
  expect(first?.kind).toBe('pull')
  expect(first?.blobs).toHaveLength(2)
  expect(first?.manifests[0]?.blobs).toEqual(first?.blobs)
  expect(other?.blobs).toEqual([first?.blobs[0]])
  expect(other?.manifests[0]).not.toBe(first?.manifests[0])
  expect(second).toMatchObject({ kind: 'poll', blobs: [] })
})

test('a blob asked for twice is a second pull of the same manifest', () => {
  const uris = ['v2/a/manifests/m', 'v2/a/blobs/b', 'v2/a/blobs/c', 'v2/a/blobs/b']
  const [first, second, third] = replay(uris)
  expect(third).toBeUndefined()
  expect(second?.manifests).toEqual(first?.manifests)
  expect([first?.blobs.length, second?.blobs.length]).toEqual([2, 1])
  expect(first?.manifests[0]?.blobs).toHaveLength(2)
})

test('a log that begins in the middle of a pull is a pull', () => {
  expect(replay(['v2/a/blobs/b'])).toMatchObject([{ kind: 'pull' }])
})

test('an image is as large as all that belongs to it', () => {
  const [demand] = replay(['v2/a/manifests/m', 'v2/a/blobs/b', 'v2/a/blobs/c'])
  const [manifest] = demand?.manifests ?? []
  const bytes = demand?.blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) ?? 0
  expect(manifest?.imageBytes).toBe((manifest?.sizeBytes ?? 0) + bytes)
})

test('the seed draws the sizes alone', () => {
  const uris = ['v2/a/manifests/m', 'v2/a/blobs/b', 'v2/a/blobs/c']
  const [one] = createLoggedDemands(uris, 1)
  const [other] = createLoggedDemands(uris, 2)
  expect(createLoggedDemands(uris, 1)[0]).toEqual(one)
  expect(other?.blobs.map(({ id }) => id)).toEqual(one?.blobs.map(({ id }) => id))
  expect(other?.blobs).not.toEqual(one?.blobs)
})
