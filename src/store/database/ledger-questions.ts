import type { Kysely } from 'kysely'
import type { LedgerQuery } from '../ledger-records.ts'
import { countDays, type LedgerCount } from './ledger-days.ts'
import { sumLedger } from './ledger-sums.ts'
import type { PackedSums } from './packed-sums.ts'
import type { Schema } from './schema.ts'

/** What takes too long to be answered where requests are. */
export type LedgerQuestion =
  | { readonly what: 'sums'; readonly query: LedgerQuery }
  | { readonly what: 'days'; readonly most: number }

export type LedgerAnswers = {
  readonly sums: PackedSums | undefined
  readonly days: LedgerCount
}

/** All of it as of one moment. */
export function answerFrom(
  db: Kysely<Schema>,
  question: LedgerQuestion,
): Promise<LedgerAnswers[LedgerQuestion['what']]> {
  return db
    .transaction()
    .execute<LedgerAnswers[LedgerQuestion['what']]>((transaction) =>
      question.what === 'sums'
        ? sumLedger(transaction, question.query)
        : countDays(transaction, question.most),
    )
}
