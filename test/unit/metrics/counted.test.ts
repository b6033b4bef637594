import { describe, expect, test } from 'vitest'
import { Counted } from '../../../src/metrics/counted.ts'
import { type LedgerRow, outcomes } from '../../../src/store/ledger-records.ts'

const configured = (...names: string[]) => ({
  upstreams: new Map(names.map((name) => [name, {}])),
})

const row = (given: Partial<LedgerRow>): LedgerRow => ({
  at: 0,
  client: '192.0.2.7',
  user: 'alice',
  upstream: 'docker.io',
  repository: 'team/secret',
  tag: '1',
  outcome: 'hit',
  counters: {},
  ...given,
})

const totalsOf = (counted: Counted) =>
  [...counted.traffic.list()].filter(({ counters }) => Object.values(counters).some(Boolean))

const labelsOf = (counted: Counted) => [
  ...new Set([...counted.traffic.list()].map(({ upstream }) => upstream)),
]

describe('what was counted of traffic', () => {
  test('is summed over clients, users and images, from one time to the next', () => {
    const counted = new Counted(configured('docker.io'))
    counted.onTraffic([
      row({ counters: { pulls: 1, servedBytes: 100 } }),
      row({ client: 'b', repository: 'other', counters: { pulls: 2, servedBytes: 1 } }),
    ])
    counted.onTraffic([row({ user: '', counters: { pulls: 4, took3: 1, tookMs: 90 } })])

    expect(totalsOf(counted)).toEqual([
      expect.objectContaining({
        upstream: 'docker.io',
        outcome: 'hit',
        counters: expect.objectContaining({ pulls: 7, servedBytes: 101, took3: 1, tookMs: 90 }),
      }),
    ])
    expect(JSON.stringify(totalsOf(counted))).not.toMatch(/secret|alice|192/)
  })

  test('begins with 0 for every outcome of an upstream that is used', () => {
    const counted = new Counted(configured('docker.io', 'quay.io'))
    counted.onTraffic([row({ counters: { pulls: 1 } })])
    expect([...counted.traffic.list()].map(({ outcome }) => outcome)).toEqual(outcomes)
    expect(labelsOf(counted)).toEqual(['docker.io'])
  })

  test('has labels only for upstreams that a person named, however many there are', () => {
    const counted = new Counted(configured('docker.io', '*'))
    const strangers = Array.from({ length: 1_000 }, (_, index) => `host${index}.example`)
    counted.onTraffic(
      ['docker.io', '', '*', ...strangers].map((upstream) => {
        return row({ upstream, counters: { pulls: 1 } })
      }),
    )
    const pulls = totalsOf(counted).map(({ upstream, counters }) => [upstream, counters.pulls])
    expect(pulls).toEqual([
      ['docker.io', 1],
      ['none', 1],
      ['other', 1_001],
    ])
  })

  test('is forgotten of upstreams that are named no more, and never makes other series', () => {
    const counted = new Counted(configured('a.example', 'b.example'))
    for (const upstream of ['a.example', 'b.example']) {
      counted.onTraffic([row({ upstream, counters: { pulls: 1 } })])
      counted.onWrongContent({ upstream })
    }
    counted.configure(configured('b.example'))
    counted.onTraffic([row({ upstream: 'a.example', counters: { pulls: 1 } })])

    expect(labelsOf(counted)).toEqual(['b.example', 'other'])
    expect([...counted.wrong]).toEqual([['b.example', 1]])
  })
})

test('content that was wrong is counted of whoever sent it, and told as it was before', () => {
  const counted = new Counted(configured('docker.io', 'quay.io'))
  counted.onWrongContent({ upstream: 'quay.io' })
  counted.onWrongContent({ upstream: 'met.example' })
  counted.onWrongContent({ upstream: 'met.example' })
  expect(Object.fromEntries(counted.wrong)).toEqual({ 'docker.io': 0, 'quay.io': 1, other: 2 })
})

test('what goes and what is healed is counted, and told to whoever was told before', () => {
  const counted = new Counted(configured())
  const told: unknown[] = []
  const tell = (...said: unknown[]) => void told.push(said)
  const space = counted.besidesSpace({
    onEviction: tell,
    onExhausted: tell,
    onOffline: tell,
    onCrowded: tell,
    onLow: tell,
    onHigh: tell,
    onOk: tell,
    onError: tell,
  })
  const eviction = { victims: [{}, {}], orphans: 1, freedBytes: 70, isEnough: true, sharedBytes: 0 }
  space.onEviction(eviction as never, 'the disk is full')
  const integrity = counted.besidesIntegrity({ onHealed: tell, onRebuilt: tell, onError: tell })
  const healed = { finding: { kind: 'no-file' }, outcome: { kind: 'lost', hosted: [] } }
  integrity.onHealed(healed as never)

  expect(counted.evicted).toEqual({ images: 2, bytes: 70 })
  expect(counted.findings).toMatchObject({ lost: 1, fetched: 0 })
  expect(told).toEqual([[eviction, 'the disk is full'], [healed]])
})
