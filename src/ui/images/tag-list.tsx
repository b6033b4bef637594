import type { ImageAnswer } from '../../answers/images.ts'
import type { RepositoryDetailAnswer } from '../../answers/repositories.ts'
import { changeQuery } from '../frame/route.ts'
import { DataTable } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { formatCount } from '../parts/format.ts'
import { formatSort } from '../parts/sort.ts'
import type { Sort } from '../parts/table-props.ts'
import { useNow } from '../parts/when.tsx'
import { ChosenTags } from './chosen-tags.tsx'
import { CopyOutcome, useCopying } from './copying.tsx'
import { SearchBox } from './search-box.tsx'
import { tagColumns } from './tag-columns.tsx'
import { tickColumn } from './tick-column.tsx'
import type { Windows } from './use-windows.ts'

type Props = {
  readonly name: string
  /** Undefined until it is known. */
  readonly repository: RepositoryDetailAnswer | undefined
  readonly list: Windows<ImageAnswer>
  readonly sort: Sort
  readonly search: string
  readonly ticked: readonly string[]
  readonly onTick: (tags: readonly string[]) => void
}

const placeholders = 8

/** The tags of a repository. */
export function TagList({ name, repository, list, sort, search, ticked, onTick }: Props) {
  const { total } = list
  const copying = useCopying()
  const now = useNow()
  return (
    <section aria-label="Tags">
      <CopyOutcome copied={copying.copied} />
      <search class="filters">
        <h2>Tags</h2>
        <SearchBox label="Search tags" hint="part of a tag, or sha256:…" value={search} />
        <p class="muted list-total" role="status">
          {total !== undefined && (total === 1 ? '1 tag' : `${formatCount(total)} tags`)}
        </p>
      </search>
      {/* Also of the last ones: what came of deleting them is told once they aren't there any more. */}
      {(total !== 0 || ticked.length > 0) && (
        <ChosenTags repository={repository} tags={ticked} onClear={() => onTick([])} />
      )}
      {total === 0 && !list.isOld ? (
        <NoTags search={search} />
      ) : (
        <div class="steady-table">
          <DataTable
            caption={`Tags of ${name}`}
            columns={[
              tickColumn(ticked, onTick),
              ...tagColumns(name, { now, onCopy: copying.copy }),
            ]}
            count={total ?? placeholders}
            rowAt={list.rowAt}
            keyOf={({ tag }) => tag}
            sort={sort}
            onSort={(wanted) => changeQuery({ sort: formatSort(wanted) }, { replace: true })}
            onShown={list.onShown}
            isOld={list.isOld}
          />
        </div>
      )}
    </section>
  )
}

function NoTags({ search }: { readonly search: string }) {
  if (search === '')
    return (
      <Empty title="It has no tags.">
        <p class="muted">
          What was pulled or pushed by digest alone has none, and is kept all the same.
        </p>
      </Empty>
    )
  return (
    <Empty title={`No tag matches “${search}”.`}>
      <button type="button" onClick={() => changeQuery({ search: undefined }, { replace: true })}>
        Show all tags
      </button>
    </Empty>
  )
}
