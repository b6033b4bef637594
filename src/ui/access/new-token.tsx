import { useState } from 'preact/hooks'
import type { Action, CreatedTokenAnswer, UsersAnswer } from '../../answers/access.ts'
import { useAction } from '../api/use-action.ts'
import { useAnswer } from '../api/use-answer.ts'
import { SelectField } from '../parts/select-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { FormDialog } from './form-dialog.tsx'

type Props = {
  readonly onMade: (token: CreatedTokenAnswer) => void
  readonly onClose: () => void
}

type Body = {
  readonly name: string
  readonly user?: string
  readonly may?: readonly Action[]
  readonly repositories?: readonly string[]
  readonly expires?: string
}

const actions: readonly (readonly [Action, string])[] = [
  ['pull', 'pull'],
  ['push', 'push'],
  ['delete', 'delete'],
  ['admin', 'administer'],
]
const lifetimes = [
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['365d', 'a year'],
  ['', 'until it is revoked'],
] as const
/** A name that no user can have. */
const itself = ''

export function NewToken({ onMade, onClose }: Props) {
  const { data } = useAnswer<UsersAnswer>('users')
  const [name, setName] = useState('')
  const [user, setUser] = useState(itself)
  const [may, setMay] = useState<readonly Action[]>(['pull'])
  const [repositories, setRepositories] = useState('**')
  const [expires, setExpires] = useState<string>('90d')
  const making = useAction<Body, CreatedTokenAnswer>({ path: 'tokens/create' })
  const users = data?.users.map((each) => [each.name, each.name] as const) ?? []
  const submit = () => {
    const patterns = repositories.split(/[\s,]+/).filter((pattern) => pattern !== '')
    const said = { ...(user !== itself && { user }), ...(expires !== '' && { expires }) }
    making.run({ name, may, repositories: patterns, ...said }, onMade)
  }
  return (
    <FormDialog
      title="Make a token"
      act="Make the token"
      isRunning={making.isRunning}
      error={making.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label="Name"
        hint="Of the machine that is to use it: ci, build-7, alice-laptop."
        value={name}
        onChange={setName}
        isRequired
        hasFocus
      />
      <SelectField
        label="Acts for"
        values={[[itself, 'itself: a machine with rights of its own'], ...users]}
        chosen={user}
        onChoose={setUser}
      />
      <MayField may={may} onChange={setMay} />
      <TextField
        label="In repositories"
        hint={hintFor(user, may)}
        value={repositories}
        onChange={setRepositories}
        isRequired
      />
      <SelectField label="Good for" values={lifetimes} chosen={expires} onChoose={setExpires} />
    </FormDialog>
  )
}

function hintFor(user: string, may: readonly Action[]): string {
  const patterns = 'Patterns with spaces between: team/** for all below team, ** for everything.'
  const admin = may.includes('admin') ? ' Administering takes **.' : ''
  return user === itself ? patterns + admin : `${patterns}${admin} Never more than ${user} may.`
}

type MayProps = {
  readonly may: readonly Action[]
  readonly onChange: (may: readonly Action[]) => void
}

function MayField({ may, onChange }: MayProps) {
  const turn = (action: Action, isOn: boolean) =>
    onChange(
      actions.flatMap(([each]) => ((each === action ? isOn : may.includes(each)) ? [each] : [])),
    )
  return (
    <fieldset class="field">
      <legend>May</legend>
      <div class="checks">
        {actions.map(([action, word]) => (
          <label key={action}>
            <input
              type="checkbox"
              checked={may.includes(action)}
              onChange={(event) => turn(action, event.currentTarget.checked)}
            />
            {word}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
