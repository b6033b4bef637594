import { expect, test } from 'vitest'
import { auditActions } from '../../../src/store/audit-records.ts'
import { auditWords } from '../../../src/ui/access/audit-words.ts'

test('every action of the audit is called something', () => {
  expect(Object.keys(auditWords).sort()).toEqual([...auditActions].sort())
})
