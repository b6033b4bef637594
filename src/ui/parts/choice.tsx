type Props<Value extends string> = {
  readonly label: string
  readonly values: readonly (readonly [value: Value, word: string])[]
  readonly chosen: Value
  readonly onChoose: (value: Value) => void
}

/** One of a few, all of them seen. */
export function Choice<Value extends string>({ label, values, chosen, onChoose }: Props<Value>) {
  return (
    <fieldset class="switch">
      <legend class="unseen">{label}</legend>
      {values.map(([value, word]) => (
        <label key={value} data-chosen={value === chosen}>
          <input
            type="radio"
            name={label}
            value={value}
            checked={value === chosen}
            onChange={() => onChoose(value)}
          />
          {word}
        </label>
      ))}
    </fieldset>
  )
}
