import { useState } from 'preact/hooks'
import type { ConfigurationAnswer, SettingAnswer } from '../../answers/configuration.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Choice } from '../parts/choice.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import type { Column } from '../parts/table-props.ts'
import { TextField } from '../parts/text-field.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { ConfigurationNews } from './configuration-news.tsx'

const columns: readonly Column<SettingAnswer>[] = [
  {
    name: 'name',
    title: 'Setting',
    width: '38%',
    cell: ({ name }) => (
      <span class="mono wrapped" title={name}>
        {name}
      </span>
    ),
  },
  { name: 'value', title: 'Value', width: '36%', cell: Value },
  { name: 'origin', title: 'From', width: '26%', cell: Origin },
]
const views = [
  ['set', 'What is set'],
  ['all', 'With all defaults'],
] as const

/** What the server goes by, and where each value came from: it is changed in mirrors.yaml. */
export function ConfigurationTab({ route: { query } }: PageProps) {
  const { data, error, retry } = useAnswer<ConfigurationAnswer>('configuration', {
    everyMs: 30_000,
  })
  const [search, setSearch] = useState(query.get('search') ?? '')
  const view = query.get('view') === 'all' ? 'all' : 'set'
  const seek = (text: string) => {
    setSearch(text)
    changeQuery({ search: text }, { replace: true })
  }
  if (error && !data) return <Fault error={error} retry={retry} />
  if (!data) return <Waiting what="the configuration" />
  const settings = data.settings.filter((setting) => isShown(setting, view, search))
  return (
    <>
      <ConfigurationNews configuration={data} />
      <div class="filters question">
        <TextField label="Search" type="search" value={search} onChange={seek} />
        <Choice
          label="Which settings"
          values={views}
          chosen={view}
          onChoose={(next) => changeQuery({ view: next === 'all' ? next : undefined })}
        />
      </div>
      {settings.length > 0 ? (
        <DataTable
          caption="Settings in force"
          columns={columns}
          {...rowsOf(settings)}
          keyOf={({ name }) => name}
        />
      ) : (
        <Empty title="No setting matches.">
          {view === 'set' && <p>What isn’t set has its default: choose “With all defaults”.</p>}
        </Empty>
      )}
    </>
  )
}

function isShown(setting: SettingAnswer, view: 'set' | 'all', search: string): boolean {
  const { name, value, origin, afterRestart } = setting
  const isSet = origin !== 'default' || afterRestart !== undefined
  const sought = search.trim().toLowerCase()
  return (view === 'all' || isSet) && `${name} ${value}`.toLowerCase().includes(sought)
}

function Value({ value, secret, afterRestart }: SettingAnswer) {
  return (
    <span class="wrapped" title={value}>
      {secret ? <span class="muted">{value} (secret)</span> : <code>{value}</code>}
      {afterRestart !== undefined && (
        <>
          {' '}
          <Badge kind="warning">after a restart</Badge> <code>{afterRestart}</code>
        </>
      )}
    </span>
  )
}

function Origin({ origin, line, variables = [] }: SettingAnswer) {
  if (origin === 'default') return <span class="muted">default</span>
  const place = line === undefined ? 'mirrors.yaml' : `mirrors.yaml, line ${line}`
  if (origin === 'file') return <>{place}</>
  return (
    <span class="wrapped">
      environment variable {variables.join(', ')} <span class="muted">({place})</span>
    </span>
  )
}
