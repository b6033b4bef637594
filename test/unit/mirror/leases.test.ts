import { expect, test } from 'vitest'
import { Leases } from '../../../src/mirror/leases.ts'

test('a lease holds while it is fresh, and for ever where nothing can change', () => {
  const leases = new Leases()
  const tag = leases.grant('tag', { checkedAt: 1_000, ttlMs: 500 })
  expect([999, 1_000, 1_499, 1_500].map((now) => tag.isValid(now))).toEqual([
    false,
    true,
    true,
    false,
  ])
  const digest = leases.grant('digest')
  expect([0, Number.MAX_SAFE_INTEGER].map((now) => digest.isValid(now))).toEqual([true, true])
})

test('what is taken back holds no more, and another is given afterwards', () => {
  const revoked: string[] = []
  const leases = new Leases((key) => void revoked.push(key))
  const first = leases.grant('a')
  expect(leases.grant('a')).toBe(first)
  leases.revoke('a')
  expect(first.isValid(0)).toBe(false)
  expect(revoked).toEqual(['a'])
  leases.revoke('held elsewhere')
  expect(revoked).toEqual(['a', 'held elsewhere'])
  expect(leases.grant('a').isValid(0)).toBe(true)
})

test('another freshness takes the lease before back', () => {
  const leases = new Leases()
  const first = leases.grant('tag', { checkedAt: 0, ttlMs: 500 })
  const second = leases.grant('tag', { checkedAt: 100, ttlMs: 500 })
  expect(first.isValid(200)).toBe(false)
  expect(second.isValid(200)).toBe(true)
})

test('what is no longer known is taken back, since it could not be later', () => {
  const leases = new Leases()
  const first = leases.grant('first')
  for (let count = 0; count < 50_000; count++) leases.grant(`other ${count}`)
  expect(first.isValid(0)).toBe(false)
})

test('all are taken back together', () => {
  const leases = new Leases()
  const given = ['a', 'b'].map((key) => leases.grant(key))
  leases.revokeAll()
  expect(given.map((lease) => lease.isValid(0))).toEqual([false, false])
})
