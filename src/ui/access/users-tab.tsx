import { useState } from 'preact/hooks'
import type { UserAnswer, UsersAnswer } from '../../answers/access.ts'
import { useSession } from '../api/session.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Badge } from '../parts/badge.tsx'
import { Count } from '../parts/bytes.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { AddUser, ChangePassword, RemoveUser } from './user-dialogs.tsx'
import { writeRules } from './write-rights.ts'

type Open = { readonly kind: 'add' | 'password' | 'remove'; readonly user?: UserAnswer }

/** Who can log in with a password. */
export function UsersTab() {
  const { data, error, retry } = useAnswer<UsersAnswer>('users')
  const { data: session } = useSession()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const users = data?.users ?? []
  const own = session?.kind === 'user' ? session.name : undefined
  return (
    <>
      <div class="filters">
        <button type="button" class="primary" onClick={() => setOpen({ kind: 'add' })}>
          Add a user
        </button>
        <span class="muted">Users are people; machines get tokens.</span>
      </div>
      {error && <Fault error={error} retry={retry} />}
      {!data && !error && <Waiting what="the users" />}
      {data && users.length === 0 && (
        <Empty title="There are no users: who signs in does so with a token.">
          <p>Add one for each person who is to push, or to look after this server.</p>
        </Empty>
      )}
      {users.length > 0 && (
        <DataTable
          caption="Users"
          columns={columnsFor(own, setOpen)}
          {...rowsOf(users)}
          keyOf={({ name }) => name}
        />
      )}
      {open?.kind === 'add' && <AddUser onClose={close} />}
      {open?.kind === 'password' && open.user && (
        <ChangePassword user={open.user} onClose={close} />
      )}
      {open?.kind === 'remove' && open.user && <RemoveUser user={open.user} onClose={close} />}
    </>
  )
}

function columnsFor(
  own: string | undefined,
  open: (what: Open) => void,
): readonly Column<UserAnswer>[] {
  return [
    { name: 'name', title: 'Name', width: '16%', cell: (user) => <Name user={user} own={own} /> },
    {
      name: 'may',
      title: 'May',
      width: '26%',
      cell: writeRules,
    },
    {
      name: 'seen',
      title: 'Last seen',
      width: '14%',
      cell: ({ lastSeen }) => <When at={lastSeen} unknown="not seen yet" />,
    },
    {
      name: 'tokens',
      title: 'Tokens',
      width: '9%',
      help: 'That act for the user',
      isNumber: true,
      isMinor: true,
      cell: ({ tokens }) => <Count value={tokens} />,
    },
    {
      name: 'sessions',
      title: 'Browsers',
      width: '9%',
      help: 'In which the user is signed in',
      isNumber: true,
      isMinor: true,
      cell: ({ sessions }) => <Count value={sessions} />,
    },
    {
      name: 'actions',
      title: 'Actions',
      cell: (user) => <Actions user={user} own={own} open={open} />,
    },
  ]
}

function Name({ user, own }: { readonly user: UserAnswer; readonly own: string | undefined }) {
  return (
    <>
      <strong>{user.name}</strong>
      {user.name === own && <span class="muted"> (you)</span>}{' '}
      {user.admin && <Badge kind="plain">admin</Badge>}
      {user.problem !== undefined && (
        <div class="wrapped">
          <Badge kind="error">can’t sign in</Badge> <span class="muted">{user.problem}</span>
        </div>
      )}
    </>
  )
}

type ActionProps = {
  readonly user: UserAnswer
  readonly own: string | undefined
  readonly open: (what: Open) => void
}

/** One's own password is changed above, with the old one, and one doesn't remove oneself. */
function Actions({ user, own, open }: ActionProps) {
  if (user.name === own) return <span class="muted">another admin can remove you</span>
  return (
    <span class="row-actions">
      <button
        type="button"
        aria-label={`New password for ${user.name}`}
        onClick={() => open({ kind: 'password', user })}
      >
        New password
      </button>
      <button
        type="button"
        aria-label={`Remove ${user.name}`}
        onClick={() => open({ kind: 'remove', user })}
      >
        Remove
      </button>
    </span>
  )
}
