import { formatBytes, formatCount, formatExactBytes } from './format.ts'

type Props = {
  /** Undefined where it isn't known. */
  readonly value: number | undefined
  /** Why it isn't. */
  readonly unknown?: string
}

/** A size in units that people read, exact on hover. */
export function Bytes({ value, unknown }: Props) {
  if (value === undefined) return <Unknown why={unknown} />
  return (
    <span class="number" title={formatExactBytes(value)}>
      {formatBytes(value)}
    </span>
  )
}

export function Count({ value, unknown }: Props) {
  if (value === undefined) return <Unknown why={unknown} />
  return <span class="number">{formatCount(value)}</span>
}

/** Never a zero for what isn't known. */
export function Unknown({ why = 'not known' }: { readonly why?: string | undefined }) {
  return (
    <span class="muted" title={why}>
      <span aria-hidden="true">–</span>
      <span class="unseen">{why}</span>
    </span>
  )
}
