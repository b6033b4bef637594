import { expect, test } from 'vitest'
import { formatAuditLine } from '../../../src/audit/audit-line.ts'
import { boundEvent } from '../../../src/audit/bound-event.ts'

const record = {
  at: Date.UTC(2026, 10, 22, 15, 30),
  lastAt: Date.UTC(2026, 10, 22, 15, 30),
  times: 1,
  who: 'alice',
  from: undefined,
  what: 'push' as const,
  subject: 'team/app:1',
  result: 'ok' as const,
  detail: undefined,
}

test('a record is one line, without what is not known', () => {
  expect(formatAuditLine(record)).toBe(
    '{"at":"2026-11-22T15:30:00.000Z","who":"alice","what":"push","subject":"team/app:1","result":"ok","times":1}\n',
  )
})

test('a record of several says until when', () => {
  const line = formatAuditLine({ ...record, times: 3, lastAt: record.at + 1_500 })
  expect(JSON.parse(line)).toMatchObject({ times: 3, until: '2026-11-22T15:30:01.500Z' })
})

test.each([
  ['a line break', 'a\nb'],
  ['an escape sequence', 'a\u001b[2Jb'],
  ['a control sequence of one character', 'a\u009b2Jb'],
  ['a change of direction', 'a\u202eb'],
  ['a line separator', 'a\u2028b'],
  ['a tag character beyond the first plane', 'a\u{e0041}b'],
])('%s reaches no terminal, and stays what it is', (_what, subject) => {
  const line = formatAuditLine({ ...record, subject })
  expect(line).toMatch(/^[ -~]*\n$/)
  expect(JSON.parse(line).subject).toBe(subject)
})

test('long texts are cut, and stay text', () => {
  const long = `${'x'.repeat(438)}😀${'y'.repeat(10_000)}`
  const { subject, who, detail, from } = boundEvent({
    ...record,
    subject: long,
    who: long,
    detail: long,
    from: long,
  })
  expect([subject.length, who.length, detail?.length, from?.length]).toEqual([440, 150, 200, 60])
  expect([subject.isWellFormed(), subject.at(-1)]).toEqual([true, '…'])
  expect(boundEvent({ ...record, subject: 'team/app:1' })).toEqual(record)
})
