import { useState } from 'preact/hooks'
import type {
  Action,
  TokensAnswer,
  TriedAnswer,
  TryAnswer,
  UsersAnswer,
} from '../../answers/access.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Fault } from '../parts/fault.tsx'
import { SelectField } from '../parts/select-field.tsx'
import { TextField } from '../parts/text-field.tsx'

const actions = [
  ['pull', 'pull'],
  ['push', 'push to'],
  ['delete', 'delete in'],
  ['admin', 'administer'],
] as const

/** May this one do that? The link keeps the question. */
export function TryBox({ route: { query } }: PageProps) {
  const asked = {
    user: query.get('user') ?? '',
    action: readAction(query.get('action')),
    repository: query.get('repository') ?? '',
  }
  const [user, setUser] = useState(asked.user)
  const [action, setAction] = useState<Action>(asked.action)
  const [repository, setRepository] = useState(asked.repository)
  const isAsked = asked.user !== '' && asked.repository !== ''
  const path = isAsked ? withQuery('access/try', asked) : undefined
  const { data, error, isOld } = useAnswer<TryAnswer>(path)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    changeQuery({ user: user.trim(), action, repository: repository.trim() }, { replace: true })
  }
  return (
    <>
      <form class="filters question" onSubmit={submit}>
        <TextField label="May" value={user} onChange={setUser} choices={useNames()} isRequired />
        <SelectField label="do this" values={actions} chosen={action} onChoose={setAction} />
        <TextField
          label="in the repository"
          value={repository}
          onChange={setRepository}
          isRequired
        />
        <button type="submit">Ask</button>
      </form>
      <div class="answers" role="status" data-old={isOld}>
        {!isAsked && (
          <p class="muted">
            A user, a token or <code>anonymous</code>, and a name such as <code>team/app</code> or{' '}
            <code>docker.io/library/node</code>; <code>**</code> asks for everything.
          </p>
        )}
        {error && <Fault error={error} />}
        {isAsked &&
          !error &&
          data?.answers.map((answer) => (
            <Answer key={answer.repository} tried={data} answer={answer} />
          ))}
        {isAsked && !error && data?.note !== undefined && <p class="muted">Note: {data.note}.</p>}
      </div>
    </>
  )
}

type AnswerProps = { readonly tried: TryAnswer; readonly answer: TriedAnswer }

function Answer({ tried: { user, action }, answer }: AnswerProps) {
  const { repository = 'everything', allowed, because } = answer
  return (
    <p class="wrapped">
      <Badge kind={allowed ? 'ok' : 'error'}>{allowed ? 'may' : 'may not'}</Badge>{' '}
      <strong>
        {user} {allowed ? 'may' : 'may not'} {action} {repository}
      </strong>
      : {because}.
    </p>
  )
}

/** Whom one may ask about. */
function useNames(): readonly string[] {
  const { data: users } = useAnswer<UsersAnswer>('users')
  const { data: tokens } = useAnswer<TokensAnswer>('tokens')
  const named = [...(users?.users ?? []), ...(tokens?.tokens ?? [])]
  return ['anonymous', ...named.map(({ name }) => name)]
}

function readAction(text: string | null): Action {
  return actions.find(([action]) => action === text)?.[0] ?? 'pull'
}
