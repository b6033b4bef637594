import { useState } from 'preact/hooks'
import type { ImagesAnswer } from '../../answers/images.ts'
import type { RepositoryDetailAnswer } from '../../answers/repositories.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { hrefOf } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { formatSort, parseSort } from '../parts/sort.ts'
import type { Sort } from '../parts/table-props.ts'
import { RepositoryHead } from './repository-head.tsx'
import { SourceMark } from './source-mark.tsx'
import { TagList } from './tag-list.tsx'
import { useChanges } from './use-changes.ts'
import { useWindows } from './use-windows.ts'

const everyMs = 30_000
const usualSort: Sort = { name: 'stored', isDescending: true }

const read = ({ images, total }: ImagesAnswer) => ({ rows: images, total })

/** One repository: how it is pulled, what it takes, and its tags. */
export function RepositoryPage({ route }: PageProps) {
  const name = route.rest
  const sort = parseSort(route.query.get('sort'), usualSort)
  const search = route.query.get('search') ?? ''
  const [ticked, setTicked] = useState<readonly string[]>([])
  const found = useAnswer<RepositoryDetailAnswer>(withQuery('repository', { name }), { everyMs })
  const path = withQuery('images', {
    repository: name,
    search: search || undefined,
    sort: formatSort(sort),
  })
  const list = useWindows(path, read)
  useChanges('repository?')
  useChanges('images?')
  const error = list.error ?? found.error
  const retry = () => {
    list.retry()
    found.retry()
  }
  return (
    <>
      <p class="way-back">
        <a href={hrefOf('images')}>All images</a>
      </p>
      <PageHead title={name}>
        {found.data ? (
          <SourceMark name={found.data.name} isHosted={found.data.hosted} />
        ) : (
          <span class="source-mark placeholder" />
        )}
      </PageHead>
      {error && <Wall error={error} retry={retry} what="this repository" />}
      {!error && <RepositoryHead name={name} found={found.data} newestTag={list.rowAt(0)?.tag} />}
      {!(error && list.total === undefined) && (
        <TagList
          name={found.data?.name ?? name}
          repository={found.data}
          list={list}
          sort={sort}
          search={search}
          ticked={ticked}
          onTick={setTicked}
        />
      )}
    </>
  )
}
