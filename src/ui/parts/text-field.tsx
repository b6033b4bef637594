import { useId } from 'preact/hooks'

type Props = {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly type?: 'text' | 'password' | 'search'
  /** What is wanted, below it. */
  readonly hint?: string
  readonly autocomplete?: string
  readonly isRequired?: boolean
  /** What may be meant, to choose from. */
  readonly choices?: readonly string[]
  readonly hasFocus?: boolean
}

/** A line to type into, with its name and what is wanted there. */
export function TextField(props: Props) {
  const { label, value, onChange, type = 'text', hint, choices } = props
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type}
        value={value}
        required={props.isRequired ?? false}
        autocomplete={props.autocomplete ?? 'off'}
        spellcheck={false}
        autofocus={props.hasFocus ?? false}
        onInput={(event) => onChange(event.currentTarget.value)}
        {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}
        {...(choices && { list: `${id}-choices` })}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} class="hint muted">
          {hint}
        </span>
      )}
      {choices && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </div>
  )
}
