import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/store/ledger-records.ts'
import { NameBounds } from '../../../src/traffic/name-bounds.ts'

const day = 86_400_000
const now = 1_000 * day

test('of what isn’t there only so many names are kept a day', () => {
  const bounds = new NameBounds(['docker.io'])
  const named = count(3_000, (index) =>
    bounds.bound(ask({ repository: `guess-${index}`, outcome: 'not-found' }), now),
  )
  expect(named.filter(({ repository }) => repository !== '(others)')).toHaveLength(1_000)
  expect(named.at(-1)).toMatchObject({ upstream: 'docker.io', repository: '(others)', tag: '' })
  const next = bounds.bound(ask({ repository: 'guess-9', outcome: 'not-found' }), now + day)
  expect(next.repository).toBe('guess-9')
})

test('what is pulled keeps its name when it fails, however much is guessed', () => {
  const bounds = new NameBounds(['docker.io'])
  bounds.bound(ask({ repository: 'library/alpine', outcome: 'hit' }), now)
  count(3_000, (index) =>
    bounds.bound(ask({ repository: `guess-${index}`, outcome: 'denied' }), now),
  )
  const failed = bounds.bound(ask({ repository: 'library/alpine', outcome: 'unavailable' }), now)
  expect(failed.repository).toBe('library/alpine')
})

test('clients, upstreams and images have their bounds', () => {
  const bounds = new NameBounds(['docker.io'])
  const clients = count(6_000, (index) => bounds.bound(ask({ client: `c${index}` }), now).client)
  expect(new Set(clients).size).toBe(5_001)
  const upstreams = count(300, (index) => bounds.bound(ask({ upstream: `u${index}` }), now))
  expect(new Set(upstreams.map(({ upstream }) => upstream)).size).toBe(201)
  expect(bounds.bound(ask({ repository: 'c/d' }), now).upstream).toBe('docker.io')
  const images = count(25_000, (index) => bounds.bound(ask({ tag: `t${index}` }), now))
  expect(new Set(images.map(({ tag }) => tag)).size).toBeLessThanOrEqual(20_001)
})

function ask(names: { [name: string]: string } & { outcome?: Outcome }) {
  const usual = { client: '10.0.0.1', user: '', upstream: 'docker.io', repository: 'a/b', tag: '' }
  return { ...usual, outcome: 'hit' as const, ...names }
}

function count<T>(times: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: times }, (_, index) => make(index))
}
