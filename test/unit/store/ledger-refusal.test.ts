import { expect, test } from 'vitest'
import { LedgerBusyError, LedgerSizeError } from '../../../src/store/ledger-records.ts'
import { refuseKindly } from '../../../src/store/ledger-refusal.ts'

test.each([
  [new LedgerSizeError(), { status: 400, message: expect.stringContaining('shorter time') }],
  [new LedgerBusyError(), { status: 429, retryAfterSeconds: 60 }],
  [new Error('the disk is gone'), { message: 'the disk is gone' }],
])('%s ends as an answer, or as it is', (error, wanted) => {
  expect(() => refuseKindly(error)).toThrow(expect.objectContaining(wanted))
})
