import { useAnswer } from '../api/use-answer.ts'
import { changeQuery } from '../frame/route.ts'
import { formatCount } from '../parts/format.ts'
import type { Filters } from './list-query.ts'
import { SearchBox } from './search-box.tsx'

type Props = {
  readonly filters: Filters
  /** Undefined until it is known. */
  readonly total: number | undefined
}

type Choices = readonly (readonly [value: string, word: string])[]

const idleChoices: Choices = [
  ['', 'any time'],
  ['7', 'not for 7 days'],
  ['30', 'not for 30 days'],
  ['90', 'not for 90 days'],
]

const mebibyte = 1024 * 1024

const sizeChoices: Choices = [
  ['', 'any size'],
  [String(100 * mebibyte), 'over 100 MiB'],
  [String(1024 * mebibyte), 'over 1 GiB'],
  [String(10 * 1024 * mebibyte), 'over 10 GiB'],
]

/** Which repositories are listed, and how many those are. */
export function RepositoryFilters({ filters, total }: Props) {
  return (
    <search class="filters">
      <SearchBox
        label="Search repositories"
        hint="name, name:tag or sha256:…"
        value={filters.search}
      />
      <Select name="source" label="Source" chosen={filters.source} choices={useSources(filters)} />
      <Select name="idle" label="Pulled" chosen={filters.idle} choices={idleChoices} />
      <Select name="larger" label="Size" chosen={filters.larger} choices={sizeChoices} />
      <p class="muted list-total" role="status">
        {total !== undefined &&
          (total === 1 ? '1 repository' : `${formatCount(total)} repositories`)}
      </p>
    </search>
  )
}

type SelectProps = {
  readonly name: string
  readonly label: string
  readonly chosen: string
  readonly choices: Choices
}

function Select({ name, label, chosen, choices }: SelectProps) {
  const isKnown = choices.some(([value]) => value === chosen)
  return (
    <label>
      {label}
      <select
        value={chosen}
        onChange={(event) => changeQuery({ [name]: event.currentTarget.value }, { replace: true })}
      >
        {(isKnown ? choices : [...choices, [chosen, chosen] as const]).map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  )
}

type Upstreams = { readonly upstreams: readonly { readonly name: string }[] }

/** Who may not see the upstreams can still tell what was pushed from the rest. */
function useSources({ source }: Filters): Choices {
  const { data } = useAnswer<Upstreams>('upstreams')
  const names = (data?.upstreams ?? []).map(({ name }) => name).filter((name) => name !== '*')
  const known = new Set([...names, source].filter((name) => name !== '' && name !== 'hosted'))
  const mirrored = [...known].map((name) => [name, `from ${name}`] as const)
  return [['', 'all'], ['hosted', 'pushed here'], ...mirrored]
}
