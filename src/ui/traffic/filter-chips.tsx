import { X } from 'lucide-preact'
import { changeQuery } from '../frame/route.ts'
import { outcomeWord } from './outcome-words.ts'
import { type FilterName, groups, type TrafficView } from './traffic-view.ts'

/** What is left out of all that is shown, each with the way back. */
export function FilterChips({ filters }: Pick<TrafficView, 'filters'>) {
  const none = Object.fromEntries(filters.map(([name]) => [name, undefined]))
  return (
    <ul class="filter-chips" aria-label="Filters">
      {filters.length === 0 && (
        <li class="muted">All traffic. Choose a row below to see it alone.</li>
      )}
      {filters.map(([name, value]) => (
        <li key={name}>
          <button
            type="button"
            aria-label={`Remove the filter ${titleOf(name)}: ${wordOf(name, value)}`}
            onClick={() => changeQuery({ [name]: undefined })}
          >
            {titleOf(name)}: <strong>{wordOf(name, value)}</strong>
            <X aria-hidden="true" size={14} />
          </button>
        </li>
      ))}
      {filters.length > 1 && (
        <li>
          <button type="button" class="quiet" onClick={() => changeQuery(none)}>
            Remove all
          </button>
        </li>
      )}
    </ul>
  )
}

function titleOf(name: FilterName): string {
  return groups.find(([group]) => group === name)?.[1] ?? name
}

function wordOf(name: FilterName, value: string): string {
  return name === 'outcome' ? outcomeWord(value) : value
}
