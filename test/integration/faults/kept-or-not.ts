import { describe } from 'vitest'
import type { LabOptions } from './fault-lab.ts'
import { type FaultRow, testFaults } from './fault-table.ts'
import type { Sight } from './sight.ts'
import type { Subject } from './subjects.ts'

/** What the client sees, and what upstream was asked. */
type Column = readonly [sees: Sight, asked: string | RegExp]

/**
 * A fault twice: while nothing is kept of what is asked for, and while something older is kept. A
 * fault that passes leaves no word of itself, one that doesn't leaves what is kept as it is.
 */
export interface TwofoldRow
  extends LabOptions,
    Pick<FaultRow, 'fault' | 'begin' | 'also' | 'isAlone'> {
  readonly unkept: Column
  readonly kept: Column
}

type Subjects = { readonly unkept: Subject; readonly kept: Subject }

export const testFaultsTwice = (subjects: Subjects, rows: readonly TwofoldRow[]): void => {
  describe.each(['unkept', 'kept'] as const)('(%s)', (column) => {
    testFaults(
      subjects[column],
      rows.map((row) => toFaultRow(row, row[column])),
    )
  })
}

const toFaultRow = (row: TwofoldRow, [sees, asked]: Column): FaultRow => ({
  ...row,
  sees,
  asked,
  keeps: sees.status === 200 && sees.cache !== 'stale' ? 'all' : 'nothing',
})
