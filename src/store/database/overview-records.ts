import type { OverviewRecords } from '../overview-records.ts'
import type { Database } from './database.ts'
import type { LedgerReader } from './ledger-reader.ts'
import type { RepositoryIds } from './repository-ids.ts'

/** What threads make, as they make reports. */
export function openOverviewRecords(
  database: Database,
  ids: RepositoryIds,
  { reader, slowReader }: { readonly reader: LedgerReader; readonly slowReader: LedgerReader },
): OverviewRecords {
  return {
    summarizeRepositories: (options) => reader.ask({ what: 'repositories', options }),
    measureRepositories: () => slowReader.ask({ what: 'repository-sizes' }),
    findHolding: (wanted) => reader.ask({ what: 'holding', wanted }),
    listTagsInOrder: async (source, query) => {
      const id = await ids.find(database.queries, source)
      if (id === undefined) return undefined
      return reader.ask({ what: 'tags', of: { id, ...source }, query })
    },
  }
}
