import { expect, test } from 'vitest'
import { createDemands } from '../../../../bench/eviction/demands.ts'
import { blobLru, policies } from '../../../../bench/eviction/policies.ts'
import { runAll } from '../../../../bench/eviction/runs.ts'
import { countUniqueBytes, simulate } from '../../../../bench/eviction/simulate.ts'

const demands = createDemands(3, 4000)
const uniqueBytes = countUniqueBytes(demands)

const run = (name: string, capacityBytes: number) => {
  const policy = policies.find((each) => each.name === name)
  if (policy === undefined) throw new Error(`there is no policy ${name}`)
  return simulate(policy.create({ capacityBytes, demands }), demands, capacityBytes)
}

const names = policies.map(({ name }) => name)
const bounded = policies.filter(({ isUnbounded }) => isUnbounded !== true).map(({ name }) => name)

test.each(names)('%s hits all that can be hit when everything fits', (name) => {
  const all = run('infinite', Number.POSITIVE_INFINITY)
  // Belady keeps nothing that isn't asked for again, and hits the same without it.
  expect(run(name, 2 * uniqueBytes)).toEqual(all)
  expect(all.evictions).toBe(0)
})

test.each(bounded)('%s hits less in less room, which it never exceeds', (name) => {
  const [small, large] = [0.02, 0.3].map((share) => run(name, Math.floor(share * uniqueBytes)))
  expect(small?.evictions).toBeGreaterThan(0)
  expect(small?.byteHits).toBeGreaterThan(0)
  expect(small?.byteHits).toBeLessThan(large?.byteHits ?? 0)
  expect(small?.objectHits).toBeLessThan(large?.objectHits ?? 0)
  expect(small?.pullHits).toBeLessThan(large?.pullHits ?? 0)
})

test('nobody hits more bytes than who knows the future', () => {
  const capacityBytes = Math.floor(0.1 * uniqueBytes)
  const known = run('Belady', capacityBytes).byteHits
  const guessed = bounded
    .filter((name) => name !== 'Belady')
    .map((name) => run(name, capacityBytes).byteHits)
  expect(Math.max(...guessed)).toBeLessThan(known)
})

test('every policy runs on every trace with every size of cache', () => {
  const runs = runAll({
    seeds: 2,
    caps: [0.1, 0.5],
    createDemands: (seed) => createDemands(seed, 300),
    report: () => undefined,
  })
  expect(runs).toHaveLength(2 * 2 * policies.length)
  expect(new Set(runs.map(({ seed, cap, policy }) => `${seed} ${cap} ${policy}`)).size).toBe(
    runs.length,
  )
  expect(names).toContain(blobLru)
})
