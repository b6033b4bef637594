import type { Kysely } from 'kysely'
import type { LedgerQuery } from '../ledger-records.ts'
import type { MeasuredParts, PinnedImages } from '../parts-records.ts'
import { measureParts } from './kept-parts.ts'
import { countDays, type LedgerCount } from './ledger-days.ts'
import { sumLedger } from './ledger-sums.ts'
import type { PackedSums } from './packed-sums.ts'
import type { Schema } from './schema.ts'

/** What takes too long to be answered where requests are. */
export type LedgerQuestion =
  | { readonly what: 'sums'; readonly query: LedgerQuery }
  | { readonly what: 'days'; readonly most: number }
  | { readonly what: 'parts'; readonly pinned: PinnedImages }

export type LedgerAnswers = {
  readonly sums: PackedSums | undefined
  readonly days: LedgerCount
  readonly parts: MeasuredParts
}

/** All of it as of one moment, but for what is kept: that takes seconds, and others are answered meanwhile. */
export function answerFrom(
  db: Kysely<Schema>,
  question: LedgerQuestion,
): Promise<LedgerAnswers[LedgerQuestion['what']]> {
  if (question.what === 'parts') return measureParts(db, question.pinned)
  return db
    .transaction()
    .execute<LedgerAnswers[LedgerQuestion['what']]>((transaction) =>
      question.what === 'sums'
        ? sumLedger(transaction, question.query)
        : countDays(transaction, question.most),
    )
}
