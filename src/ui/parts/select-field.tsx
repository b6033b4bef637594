import { useId } from 'preact/hooks'

type Props<Value extends string> = {
  readonly label: string
  readonly values: readonly (readonly [value: Value, word: string])[]
  readonly chosen: Value
  readonly onChoose: (value: Value) => void
}

/** One of many, of which the chosen one is seen. */
export function SelectField<Value extends string>(props: Props<Value>) {
  const { label, values, chosen, onChoose } = props
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={chosen}
        onChange={(event) => onChoose(event.currentTarget.value as Value)}
      >
        {values.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </div>
  )
}
