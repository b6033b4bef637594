// The table of faults: what goes wrong, what the client sees of it, what is kept afterwards and
// what upstream was asked. Each row runs against a server of its own.

import { expect, test } from 'vitest'
import { ask, type Reply } from '../../support/raw-client.ts'
import type { StartedServer } from '../../support/start-server.ts'
import { expectAsked, expectKept, expectMended, type Kept } from './aftermath.ts'
import { FaultLab, type LabOptions } from './fault-lab.ts'
import { expectSight, type Sight } from './sight.ts'
import type { Subject, Wanted } from './subjects.ts'

export type Step = (lab: FaultLab, wanted: Wanted) => unknown

export type Pull = (server: StartedServer, path: string) => Promise<Reply>

export interface FaultRow extends LabOptions {
  /** What goes wrong; the test's name. */
  readonly fault: string
  /** Makes what begins the fault, before the client asks; anew for each test, since faults count. */
  readonly begin: () => Step
  /** How the client pulls; with a plain GET unless said otherwise. */
  readonly pull?: Pull
  /** What happens while the client waits. */
  readonly meanwhile?: Step
  readonly sees: Sight
  readonly keeps: Kept
  /** Requests of the first URL in order, as `describeRequests` puts them. */
  readonly asked: string | RegExp
  readonly askedSecond?: string | RegExp
  /** What else holds while the fault lasts. */
  readonly also?: Step
  /** Its times are so short that other rows beside it could make it fail. */
  readonly isAlone?: boolean
}

/** Rows mostly wait, so they run together. */
export const testFaults = (subject: Subject, rows: readonly FaultRow[]): void => {
  const together = rows.filter(({ isAlone }) => !isAlone)
  const alone = rows.filter(({ isAlone }) => isAlone)
  test.concurrent.each(together)('$fault', (row) => runRow(subject, row))
  test.each(alone)('$fault', (row) => runRow(subject, row))
}

/** The same, where a second URL always works and the fault is the first one's. */
export const testFaultsOfFirst = (subject: Subject, rows: readonly FaultRow[]): void =>
  testFaults(
    subject,
    rows.map((row) => ({ ...row, hasSecond: true })),
  )

const runRow = async (subject: Subject, row: FaultRow): Promise<void> => {
  await using lab = await FaultLab.start(row)
  const wanted = await subject(lab)
  await row.begin()(lab, wanted)
  lab.forgetRequests()

  await expectPull(lab, wanted, row)
  await expectKept(lab, wanted, row.keeps)
  expectAsked(lab.upstream, wanted, row.asked)
  if (lab.second) expectAsked(lab.second, wanted, row.askedSecond ?? '')
  await row.also?.(lab, wanted)

  await lab.mend()
  await expectMended(lab, wanted, row.keeps)
}

const expectPull = async (lab: FaultLab, wanted: Wanted, row: FaultRow): Promise<void> => {
  const { pull = ask, meanwhile } = row
  const startedAt = performance.now()
  const pullTimed = async () => {
    const reply = await pull(lab.server, wanted.path)
    return { reply, waitedMs: performance.now() - startedAt }
  }
  const [{ reply, waitedMs }] = await Promise.all([pullTimed(), meanwhile?.(lab, wanted)])
  expectSight(reply, row.sees, wanted)
  const [atLeastMs, atMostMs] = row.sees.waitsMs ?? [0, Number.POSITIVE_INFINITY]
  expect(waitedMs).toBeGreaterThanOrEqual(atLeastMs)
  expect(waitedMs).toBeLessThan(atMostMs)
}
