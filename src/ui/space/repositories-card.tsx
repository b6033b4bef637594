import type { RepositoriesAnswer, RepositoryAnswer } from '../../answers/repositories.ts'
import { useAnswer } from '../api/use-answer.ts'
import { hrefOf } from '../frame/route.ts'
import { Bytes } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatCount } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { Treemap } from './treemap.tsx'

const path = 'repositories?sort=-own&limit=100'

/** Which repositories take the room. */
export function RepositoriesCard() {
  const { data, error, isWaiting, retry } = useAnswer<RepositoriesAnswer>(path)
  return (
    <Card title="What takes the room" class="wide">
      {error && <Fault error={error} retry={retry} />}
      {isWaiting && <Waiting what="the repositories" />}
      {data?.repositories.length === 0 && (
        <Empty title="Nothing is kept yet.">
          <p>
            <a href={hrefOf('setup')}>Set a client up</a>, and what it pulls is kept here.
          </p>
        </Empty>
      )}
      {data && data.repositories.length > 0 && <Repositories answer={data} />}
    </Card>
  )
}

function Repositories({
  answer: { repositories, total },
}: {
  readonly answer: RepositoriesAnswer
}) {
  return (
    <>
      <p class="space-note">
        Each tile is as large as what only that repository needs: so much is free once it is gone.
        Layers that several share are in none.
      </p>
      <Treemap repositories={repositories} />
      <ul class="legend">
        <li>
          <span class="swatch" data-color="pushed" aria-hidden="true" /> Pushed here
        </li>
        <li>
          <span class="swatch" data-color="cache" aria-hidden="true" /> Mirrored
        </li>
      </ul>
      <details class="chart-table">
        <summary>Show as table</summary>
        {total > repositories.length && (
          <p class="muted">
            The {repositories.length} largest of {formatCount(total)};{' '}
            <a href={hrefOf('images')}>all of them</a>
          </p>
        )}
        <DataTable
          caption="Repositories by the bytes that only they need"
          columns={columns}
          keyOf={({ name }) => name}
          {...rowsOf(repositories)}
        />
      </details>
    </>
  )
}

const columns: readonly Column<RepositoryAnswer>[] = [
  {
    name: 'name',
    title: 'Repository',
    cell: ({ name }) => (
      <a class="space-name" href={hrefOf('images', name)}>
        {name}
      </a>
    ),
  },
  {
    name: 'own',
    title: 'Only its own',
    isNumber: true,
    help: 'What would be free without it',
    cell: ({ ownSize }) => <Bytes value={ownSize} />,
  },
  {
    name: 'size',
    title: 'With shared layers',
    isNumber: true,
    isMinor: true,
    cell: ({ size }) => <Bytes value={size} />,
  },
  {
    name: 'pulled',
    title: 'Last pull',
    isMinor: true,
    cell: ({ lastPull }) => <When at={lastPull} />,
  },
]
