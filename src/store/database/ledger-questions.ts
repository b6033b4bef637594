import type { Kysely } from 'kysely'
import type { Slot, SlotQuery, TagBound, TagCount } from '../chronicle-records.ts'
import type { PlannedRemoval } from '../hosted-records.ts'
import type { LedgerQuery } from '../ledger-records.ts'
import type {
  HoldingQuery,
  RepositorySizes,
  RepositorySummary,
  SummaryOptions,
  TagList,
  TagQuery,
} from '../overview-records.ts'
import type { MeasuredParts, PinnedImages } from '../parts-records.ts'
import { countTags, sumSlots } from './chronicle-sums.ts'
import { findHolding } from './holding-repositories.ts'
import { measureParts } from './kept-parts.ts'
import { countDays, type LedgerCount } from './ledger-days.ts'
import { sumLedger } from './ledger-sums.ts'
import type { PackedSums } from './packed-sums.ts'
import { planWholeRemoval } from './removal-plan.ts'
import { measureRepositories } from './repository-sizes.ts'
import { summarizeRepositories } from './repository-summary.ts'
import type { Schema } from './schema.ts'
import { listTagsInOrder, type RepositoryKey } from './tag-lists.ts'

/** What takes too long to be answered where requests are. */
export type LedgerQuestion =
  | { readonly what: 'sums'; readonly query: LedgerQuery }
  | { readonly what: 'days'; readonly most: number }
  | { readonly what: 'parts'; readonly pinned: PinnedImages }
  | { readonly what: 'slots'; readonly query: SlotQuery }
  | { readonly what: 'tag-counts'; readonly dueBefore: readonly TagBound[] }
  | { readonly what: 'repositories'; readonly options: SummaryOptions }
  | { readonly what: 'repository-sizes' }
  | { readonly what: 'holding'; readonly wanted: HoldingQuery }
  | { readonly what: 'removal'; readonly repositoryId: number }
  | { readonly what: 'tags'; readonly of: RepositoryKey; readonly query: TagQuery }

export type LedgerAnswers = {
  readonly sums: PackedSums | undefined
  readonly days: LedgerCount
  readonly parts: MeasuredParts
  readonly slots: readonly Slot[]
  readonly 'tag-counts': readonly TagCount[]
  readonly repositories: RepositorySummary
  readonly 'repository-sizes': RepositorySizes
  readonly holding: readonly number[]
  readonly removal: PlannedRemoval | undefined
  readonly tags: TagList
}

type Answer = LedgerAnswers[LedgerQuestion['what']]

/** All of it as of one moment, but for what is kept: that takes seconds, and others are answered meanwhile. */
export function answerFrom(db: Kysely<Schema>, question: LedgerQuestion): Promise<Answer> {
  if (question.what === 'parts') return measureParts(db, question.pinned)
  return db.transaction().execute<Answer>((transaction) => answerIn(transaction, question))
}

function answerIn(
  db: Kysely<Schema>,
  question: Exclude<LedgerQuestion, { readonly what: 'parts' }>,
): Promise<Answer> {
  switch (question.what) {
    case 'sums':
      return sumLedger(db, question.query)
    case 'days':
      return countDays(db, question.most)
    case 'slots':
      return sumSlots(db, question.query)
    case 'tag-counts':
      return countTags(db, question.dueBefore)
    case 'repositories':
      return summarizeRepositories(db, question.options)
    case 'repository-sizes':
      return measureRepositories(db)
    case 'holding':
      return findHolding(db, question.wanted)
    case 'removal':
      return planWholeRemoval(db, question.repositoryId)
    case 'tags':
      return listTagsInOrder(db, question.of, question.query)
  }
}
