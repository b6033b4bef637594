import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import type { Column } from '../parts/table-props.ts'
import { type Change, compareConfigs } from './differences.ts'
import type { DiffProps } from './layer-diff.tsx'

/** How they run otherwise. */
export function ConfigDiff({ a, b, names }: DiffProps) {
  const changes = compareConfigs(a.config, b.config)
  const unknown = [a, b].findIndex(({ config }) => config?.env === undefined)
  if (unknown >= 0)
    return (
      <Empty title={`The configuration of ${names[unknown]} isn’t here.`}>
        The first pull of it brings it.
      </Empty>
    )
  if (changes.length === 0) return <Empty title="They are configured alike." />
  return (
    <DataTable
      caption="What differs"
      columns={columns}
      {...rowsOf(changes)}
      keyOf={({ group, name }) => `${group} ${name}`}
    />
  )
}

const columns: readonly Column<Change>[] = [
  { name: 'change', title: 'Change', cell: (change) => <Kind change={change} /> },
  {
    name: 'name',
    title: 'Of',
    cell: ({ group, name }) => (
      <span class="compare-text">
        <span class="muted">{group}</span> <span class="mono">{name}</span>
      </span>
    ),
  },
  { name: 'a', title: 'First', cell: ({ a }) => <Value text={a} /> },
  { name: 'b', title: 'Second', cell: ({ b }) => <Value text={b} /> },
]

function Kind({ change: { a, b } }: { readonly change: Change }) {
  const [mark, word] =
    a === undefined ? ['+', 'added'] : b === undefined ? ['−', 'removed'] : ['≠', 'changed']
  return (
    <span class="compare-side">
      <span aria-hidden="true">{mark}</span> {word}
    </span>
  )
}

function Value({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return <span class="muted">not there</span>
  return <span class="mono compare-text">{text === '' ? '(empty)' : text}</span>
}
