import { useState } from 'preact/hooks'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery, go, hrefOf } from '../frame/route.ts'
import { SelectField } from '../parts/select-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { auditWords } from './audit-words.ts'

const spans = [
  ['', 'all times'],
  ['24h', 'the last 24 hours'],
  ['7d', 'the last 7 days'],
  ['30d', 'the last 30 days'],
] as const
const results = [
  ['', 'any'],
  ['ok', 'ok'],
  ['denied', 'denied'],
  ['failed', 'failed'],
] as const

/** What is looked for; the link keeps it. */
export function AuditFilters({ route: { query } }: PageProps) {
  const [who, setWho] = useState(query.get('who') ?? '')
  const [repository, setRepository] = useState(query.get('repository') ?? '')
  const find = (changes: Readonly<Record<string, string>>) =>
    changeQuery({ before: undefined, ...changes })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    find({ who: who.trim(), repository: repository.trim() })
  }
  const isFiltered = [...query.keys()].some((name) => name !== 'tab')
  return (
    <form class="filters question" onSubmit={submit}>
      <TextField label="Who" value={who} onChange={setWho} />
      <SelectField
        label="What"
        values={[['', 'anything'], ...Object.entries(auditWords)]}
        chosen={query.get('what') ?? ''}
        onChoose={(what) => find({ what })}
      />
      <TextField label="Repository" value={repository} onChange={setRepository} />
      <SelectField
        label="Result"
        values={results}
        chosen={results.find(([value]) => value === query.get('result'))?.[0] ?? ''}
        onChoose={(result) => find({ result })}
      />
      <SelectField
        label="In"
        values={spans}
        chosen={spans.find(([value]) => value === query.get('since'))?.[0] ?? ''}
        onChoose={(since) => find({ since })}
      />
      <button type="submit">Find</button>
      {isFiltered && (
        <button type="button" onClick={() => go(hrefOf('access', '', { tab: 'audit' }))}>
          Clear
        </button>
      )}
    </form>
  )
}
