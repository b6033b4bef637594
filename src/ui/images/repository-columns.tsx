import type { RepositoryOrder } from '../../answers/repositories.ts'
import { hrefOf } from '../frame/route.ts'
import { Bytes, Count } from '../parts/bytes.tsx'
import type { Column } from '../parts/table-props.ts'
import { Ago } from '../parts/when.tsx'
import { CopyButton } from './copying.tsx'
import type { RepositoryRow } from './list-query.ts'
import { referenceTo } from './reference.ts'
import { SourceMark } from './source-mark.tsx'

const measuring = 'still being measured'

type RepositoryColumn = Column<RepositoryRow> & {
  readonly name: RepositoryOrder | 'copy'
}

type Settings = { readonly now: number; readonly onCopy: (text: string) => void }

/**
 * The name has what room the others leave. Cells are as simple as can be: as one scrolls, dozens of rows are drawn
 * for each frame.
 */
export const repositoryColumns = ({ now, onCopy }: Settings): readonly RepositoryColumn[] => [
  {
    name: 'name',
    title: 'Name',
    isSortable: true,
    cell: ({ name, hosted }) => (
      <span class="named-row">
        <SourceMark name={name} isHosted={hosted} isShort />
        <a class="row-name" href={hrefOf('images', name)} title={name}>
          {name}
        </a>
      </span>
    ),
  },
  {
    name: 'tags',
    title: 'Tags',
    width: '5.5rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ tags }) => <Count value={tags} />,
  },
  {
    name: 'pulled',
    title: 'Last pulled',
    width: '9.5rem',
    isNumber: true,
    isSortable: true,
    cell: ({ lastPull }) => <Ago at={lastPull} now={now} />,
  },
  {
    name: 'pulls',
    title: 'Pulls',
    help: 'Images of it that clients pulled in the last 30 days',
    width: '6rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ pulls }) => <Count value={pulls} />,
  },
  {
    name: 'size',
    title: 'Size here',
    help: 'What is kept of it, each layer once',
    width: '8rem',
    isNumber: true,
    isSortable: true,
    cell: ({ size }) => <Bytes value={size} unknown={measuring} />,
  },
  {
    name: 'own',
    title: 'Only here',
    help: 'What no other repository shares: so much becomes free once it is gone',
    width: '8rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ ownSize }) => <Bytes value={ownSize} unknown={measuring} />,
  },
  {
    name: 'stored',
    title: 'Newest',
    help: 'When its newest image was first stored here',
    width: '9.5rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ newest }) => <Ago at={newest} now={now} unknown="it has no image" />,
  },
  {
    name: 'copy',
    title: 'Copy',
    width: '4.5rem',
    isMinor: true,
    cell: ({ name }) => (
      <CopyButton text={referenceTo(name)} label={`the reference of ${name}`} onCopy={onCopy} />
    ),
  },
]
