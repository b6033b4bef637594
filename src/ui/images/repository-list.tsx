import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { formatSort } from '../parts/sort.ts'
import { useNow } from '../parts/when.tsx'
import { CopyOutcome, useCopying } from './copying.tsx'
import { isFiltered, keyOf, pathOf, readFilters, readRows, readSort } from './list-query.ts'
import { NoRepositories } from './no-repositories.tsx'
import { repositoryColumns } from './repository-columns.tsx'
import { RepositoryFilters } from './repository-filters.tsx'
import { useChanges } from './use-changes.ts'
import { useWindows } from './use-windows.ts'

/** Drawn while the first ones are on their way. */
const placeholders = 20

/** All repositories that the asker may pull. */
export function RepositoryList({ route }: PageProps) {
  const filters = readFilters(route)
  const sort = readSort(route)
  const list = useWindows(pathOf(filters, sort), readRows)
  const copying = useCopying()
  const now = useNow()
  // The first image of all should show itself.
  useChanges('repositories', list.total === 0 ? ['pull'] : [])
  return (
    <>
      <PageHead title="Images" />
      <RepositoryFilters filters={filters} total={list.total} />
      <CopyOutcome copied={copying.copied} />
      {list.error && <Wall error={list.error} retry={list.retry} what="the images" />}
      {list.total === 0 && !list.isOld ? (
        <NoRepositories filters={filters} isFiltered={isFiltered(filters)} />
      ) : (
        !(list.error && list.total === undefined) && (
          <div class="steady-table">
            <DataTable
              caption="Repositories"
              columns={repositoryColumns({ now, onCopy: copying.copy })}
              count={list.total ?? placeholders}
              rowAt={list.rowAt}
              keyOf={keyOf}
              sort={sort}
              onSort={(wanted) => changeQuery({ sort: formatSort(wanted) }, { replace: true })}
              onShown={list.onShown}
              isOld={list.isOld}
            />
          </div>
        )
      )}
    </>
  )
}
