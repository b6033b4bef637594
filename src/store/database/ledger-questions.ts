import type { Kysely } from 'kysely'
import type { Slot, SlotQuery, TagBound, TagCount } from '../chronicle-records.ts'
import type { LedgerQuery } from '../ledger-records.ts'
import type { MeasuredParts, PinnedImages } from '../parts-records.ts'
import { countTags, sumSlots } from './chronicle-sums.ts'
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
  | { readonly what: 'slots'; readonly query: SlotQuery }
  | { readonly what: 'tags'; readonly dueBefore: readonly TagBound[] }

export type LedgerAnswers = {
  readonly sums: PackedSums | undefined
  readonly days: LedgerCount
  readonly parts: MeasuredParts
  readonly slots: readonly Slot[]
  readonly tags: readonly TagCount[]
}

/** All of it as of one moment, but for what is kept: that takes seconds, and others are answered meanwhile. */
export function answerFrom(
  db: Kysely<Schema>,
  question: LedgerQuestion,
): Promise<LedgerAnswers[LedgerQuestion['what']]> {
  if (question.what === 'parts') return measureParts(db, question.pinned)
  return db.transaction().execute<LedgerAnswers[LedgerQuestion['what']]>((transaction) => {
    switch (question.what) {
      case 'sums':
        return sumLedger(transaction, question.query)
      case 'days':
        return countDays(transaction, question.most)
      case 'slots':
        return sumSlots(transaction, question.query)
      case 'tags':
        return countTags(transaction, question.dueBefore)
    }
  })
}
