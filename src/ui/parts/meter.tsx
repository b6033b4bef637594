import { formatShare } from './format.ts'

type Props = {
  /** What it measures. */
  readonly label: string
  /** 0 to 1; undefined while the whole isn't known. */
  readonly share: number | undefined
}

/** How far something has come. */
export function Progress({ label, share }: Props) {
  return (
    <progress
      class="progress"
      aria-label={label}
      {...(share !== undefined && { value: Math.min(share, 1), title: formatShare(share) })}
      max={1}
    />
  )
}

export type MeterPart = {
  readonly name: string
  readonly value: number
  /** As tokens.css has it: `cache`. */
  readonly color: string
}

type PartsProps = {
  readonly label: string
  readonly parts: readonly MeterPart[]
  /** Where they end together; the rest is free. */
  readonly total: number
  readonly format: (value: number) => string
  /** Lines across it, as shares of the total. */
  readonly marks?: readonly { readonly name: string; readonly share: number }[]
}

/** What a whole consists of: one bar, and its legend with the numbers. */
export function PartsBar({ label, parts, total, format, marks = [] }: PartsProps) {
  const shown = parts.filter(({ value }) => value > 0)
  const shareOf = (value: number) => (total > 0 ? (value / total) * 100 : 0)
  return (
    <figure class="parts" aria-label={label}>
      <div class="parts-bar" aria-hidden="true">
        {shown.map(({ name, value, color }) => (
          <span
            key={name}
            class="parts-part"
            data-color={color}
            title={`${name}: ${format(value)}`}
            style={{ width: `${shareOf(value)}%` }}
          />
        ))}
        {marks.map(({ name, share }) => (
          <span key={name} class="parts-mark" title={name} style={{ left: `${share * 100}%` }} />
        ))}
      </div>
      <ul class="legend">
        {parts.map(({ name, value, color }) => (
          <li key={name}>
            <span class="swatch" data-color={color} aria-hidden="true" /> {name}{' '}
            <strong class="number">{format(value)}</strong>
          </li>
        ))}
      </ul>
    </figure>
  )
}
