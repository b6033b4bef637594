import { useState } from 'preact/hooks'
import type { CreatedTokenAnswer, TokenAnswer, TokensAnswer } from '../../answers/access.ts'
import { useAction } from '../api/use-action.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatSort, parseSort } from '../parts/sort.ts'
import type { Column, Sort } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { FormDialog } from './form-dialog.tsx'
import { NewToken } from './new-token.tsx'
import { ShownToken } from './shown-token.tsx'
import { writeGrant } from './write-rights.ts'

/** What machines log in with; and people, where a password would be too much. */
export function TokensTab({ route }: PageProps) {
  const { data, error, retry } = useAnswer<TokensAnswer>('tokens')
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<CreatedTokenAnswer>()
  const [revoked, setRevoked] = useState<TokenAnswer>()
  const sort = parseSort(route.query.get('sort'), { name: 'used', isDescending: true })
  const tokens = sortTokens(data?.tokens ?? [], sort)
  const show = (token: CreatedTokenAnswer) => {
    setMaking(false)
    setMade(token)
  }
  return (
    <>
      <div class="filters">
        <button type="button" class="primary" onClick={() => setMaking(true)}>
          Make a token
        </button>
        <span class="muted">One per machine, so that you can revoke it alone.</span>
      </div>
      {error && <Fault error={error} retry={retry} />}
      {!data && !error && <Waiting what="the tokens" />}
      {data && tokens.length === 0 && (
        <Empty title="No tokens yet.">
          <p>Make one per machine so you can revoke it alone.</p>
        </Empty>
      )}
      {tokens.length > 0 && (
        <DataTable
          caption="Tokens"
          columns={columnsFor(setRevoked)}
          {...rowsOf(tokens)}
          keyOf={({ name }) => name}
          sort={sort}
          onSort={(next) => changeQuery({ sort: formatSort(next) }, { replace: true })}
        />
      )}
      {isMaking && <NewToken onMade={show} onClose={() => setMaking(false)} />}
      {made && <ShownToken token={made} onClose={() => setMade(undefined)} />}
      {revoked && <Revoke token={revoked} onClose={() => setRevoked(undefined)} />}
    </>
  )
}

const sortKeys: Readonly<Record<string, (token: TokenAnswer) => string>> = {
  name: ({ name }) => name,
  created: ({ created }) => created,
  used: ({ lastUsed = '' }) => lastUsed,
  // One that doesn't end ends last.
  expires: ({ expires = '~' }) => expires,
}

function sortTokens(tokens: readonly TokenAnswer[], { name, isDescending }: Sort) {
  const keyOf = sortKeys[name] ?? (({ lastUsed = '' }) => lastUsed)
  const sorted = tokens.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  return isDescending ? sorted.reverse() : sorted
}

function columnsFor(revoke: (token: TokenAnswer) => void): readonly Column<TokenAnswer>[] {
  return [
    {
      name: 'name',
      title: 'Name',
      isSortable: true,
      width: '16%',
      cell: ({ name }) => <strong class="wrapped">{name}</strong>,
    },
    { name: 'user', title: 'Acts for', width: '12%', cell: ({ user = 'itself' }) => user },
    {
      name: 'may',
      title: 'May',
      width: '24%',
      isMinor: true,
      cell: writeGrant,
    },
    {
      name: 'created',
      title: 'Created',
      isSortable: true,
      isMinor: true,
      width: '12%',
      cell: ({ created }) => <When at={created} />,
    },
    {
      name: 'used',
      title: 'Last used',
      isSortable: true,
      width: '14%',
      cell: ({ lastUsed }) =>
        lastUsed === undefined ? <Badge kind="warning">never used</Badge> : <When at={lastUsed} />,
    },
    { name: 'expires', title: 'Expires', isSortable: true, width: '12%', cell: Expiry },
    {
      name: 'actions',
      title: 'Actions',
      cell: (token) => (
        <button type="button" aria-label={`Revoke ${token.name}`} onClick={() => revoke(token)}>
          Revoke
        </button>
      ),
    },
  ]
}

function Expiry({ expires, over }: TokenAnswer) {
  if (over) {
    return <Badge kind="off">{expires === undefined ? 'its user is gone' : 'over'}</Badge>
  }
  return expires === undefined ? <span class="muted">doesn’t</span> : <When at={expires} />
}

type RevokeProps = { readonly token: TokenAnswer; readonly onClose: () => void }

function Revoke({ token: { name }, onClose }: RevokeProps) {
  const revoking = useAction<{ readonly name: string }, unknown>({ path: 'tokens/revoke' })
  return (
    <FormDialog
      title={`Revoke ${name}?`}
      act={`Revoke ${name}`}
      isDangerous
      isRunning={revoking.isRunning}
      error={revoking.error}
      onSubmit={() => revoking.run({ name }, onClose)}
      onClose={onClose}
    >
      <p>
        Whatever logs in with it is refused from this moment on. This can’t be undone: a new one has
        another secret.
      </p>
    </FormDialog>
  )
}
