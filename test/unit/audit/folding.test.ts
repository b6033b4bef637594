import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/audit/any-audit.ts'
import { Folding } from '../../../src/audit/folding.ts'

const minute = 60_000
const push: AuditEvent = {
  at: 1_000,
  who: 'alice',
  from: '10.0.0.1',
  what: 'push',
  subject: 'team/app:1',
  result: 'ok',
}
const denied: AuditEvent = { ...push, who: 'anonymous', result: 'denied' }

const write = (folding: Folding, now: number) => {
  for (const entry of folding.listUnlisted()) entry.listed = entry.times
  for (const entry of folding.listUnlogged(now)) entry.logged = entry.times
}

const recordsOf = (folding: Folding) =>
  folding.listUnlisted().map(({ event, times, lastAt }) => [event.subject, times, lastAt])

test.each([
  { what: 'somebody else', other: { who: 'bob' } },
  { what: 'another address', other: { from: '10.0.0.2' } },
  { what: 'the command line', other: { from: undefined } },
  { what: 'another action', other: { what: 'delete' as const } },
  { what: 'another image', other: { subject: 'team/app:2' } },
  { what: 'another result', other: { result: 'failed' as const } },
  { what: 'another digest', other: { detail: 'sha256:1' } },
])('$what makes a record of its own', ({ other }) => {
  const folding = new Folding()
  folding.add(push)
  folding.add({ ...push, ...other })
  expect(recordsOf(folding)).toHaveLength(2)
})

test('the same within a minute is one record that counts', () => {
  const folding = new Folding()
  for (const at of [1_000, 1_100, minute]) folding.add({ ...push, at })
  expect(recordsOf(folding)).toEqual([['team/app:1', 3, minute]])
})

test('the same after a minute is another record', () => {
  const folding = new Folding()
  folding.add(push)
  write(folding, push.at)
  folding.add({ ...push, at: push.at + minute })
  expect(recordsOf(folding)).toEqual([['team/app:1', 1, push.at + minute]])
})

test('the same is another record once the clock was set back', () => {
  const folding = new Folding()
  folding.add({ ...push, at: 10 * minute })
  write(folding, 10 * minute)
  folding.add({ ...push, at: 2 * minute })
  expect(recordsOf(folding)).toEqual([['team/app:1', 1, 2 * minute]])
})

test('what could not be written goes on to count after its minute', () => {
  const folding = new Folding()
  folding.add(push)
  folding.add({ ...push, at: push.at + 5 * minute })
  expect(recordsOf(folding)).toEqual([['team/app:1', 2, push.at + 5 * minute]])
})

test('a line is due at once, and one more for all repeats when the minute is over', () => {
  const folding = new Folding()
  folding.add(push)
  expect(folding.listUnlogged(push.at)).toHaveLength(1)
  write(folding, push.at)
  folding.add(push)
  folding.add(push)
  write(folding, push.at + 1)
  expect(folding.listUnlogged(push.at + 1)).toEqual([])
  expect(folding.listUnlogged(push.at + 1, { isLast: true })).toHaveLength(1)
  const [entry] = folding.listUnlogged(push.at + minute)
  expect([entry?.times, entry?.logged]).toEqual([3, 1])
})

test('what is written and over is forgotten, and nothing else', () => {
  const folding = new Folding()
  folding.add(push)
  folding.sweep(push.at + minute)
  expect(folding.isEmpty).toBe(false)
  write(folding, push.at)
  folding.sweep(push.at + 1)
  expect(folding.isEmpty).toBe(false)
  folding.sweep(push.at + minute)
  expect(folding.isEmpty).toBe(true)
})

test('ten thousand records wait at most, and what is written gives way to more', () => {
  const folding = new Folding()
  const add = (number: number) => folding.add({ ...push, subject: `team/app:${number}` })
  for (let number = 0; number < 10_000; number++) expect(add(number)).toBe(true)
  expect([add(10_000), add(1)]).toEqual([false, true])
  write(folding, push.at)
  expect(add(10_000)).toBe(true)
  expect(recordsOf(folding)).toEqual([['team/app:10000', 1, push.at]])
})

test('what a stranger tries under ever other names is 20 records a minute, and then counted', () => {
  const folding = new Folding()
  for (let number = 0; number < 5_000; number++)
    folding.add({ ...denied, subject: `team/app:${number}`, detail: `reason ${number}` })
  const records = recordsOf(folding)
  expect(records).toHaveLength(21)
  expect(records.at(-1)).toEqual(['(many)', 4_980, denied.at])
  folding.add({ ...denied, at: denied.at + minute, subject: 'team/app:9999' })
  expect(recordsOf(folding).at(-1)).toEqual(['team/app:9999', 1, denied.at + minute])
})

test('logins in vain are 20 records a minute, under as many names as somebody tries', () => {
  const folding = new Folding()
  for (let number = 0; number < 5_000; number++) {
    const name = `user${number}`
    folding.add({ ...push, what: 'login', who: name, subject: name, result: 'failed' })
  }
  expect(folding.listUnlisted()).toHaveLength(21)
})

test('what strangers try from ever other addresses is a hundred records a minute', () => {
  const folding = new Folding()
  for (let number = 0; number < 5_000; number++)
    folding.add({ ...denied, from: `10.1.${number >> 8}.${number & 255}` })
  const records = folding.listUnlisted()
  expect(records).toHaveLength(101)
  const { event, times } = records.at(-1)!
  expect([event.who, event.from, times]).toEqual(['(many)', '(many)', 4_900])
})

test('what is done is never counted under another name', () => {
  const folding = new Folding()
  for (let number = 0; number < 500; number++)
    folding.add({ ...push, subject: `team/app:${number}` })
  expect(recordsOf(folding)).toHaveLength(500)
})
