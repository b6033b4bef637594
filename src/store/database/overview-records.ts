import type { OverviewRecords } from '../overview-records.ts'
import type { Database } from './database.ts'
import type { LedgerReader } from './ledger-reader.ts'
import type { RepositoryIds } from './repository-ids.ts'

/** What the thread that makes reports makes too. */
export function openOverviewRecords(
  database: Database,
  ids: RepositoryIds,
  reader: LedgerReader,
): OverviewRecords {
  return {
    summarizeRepositories: (options) => reader.ask({ what: 'repositories', options }),
    measureRepositories: () => reader.ask({ what: 'repository-sizes' }),
    findHolding: (wanted) => reader.ask({ what: 'holding', wanted }),
    listTagsInOrder: async (source, query) => {
      const id = await ids.find(database.queries, source)
      if (id === undefined) return undefined
      return reader.ask({ what: 'tags', of: { id, ...source }, query })
    },
  }
}
