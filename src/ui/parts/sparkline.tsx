type Props = {
  readonly values: readonly number[]
  /** What it shows, in a sentence. */
  readonly label: string
  /** Of all of them together, where several are compared. */
  readonly most?: number
}

const height = 20
const step = 4

/** The course of a few numbers, small enough for a table's cell. */
export function Sparkline({ values, label, most = Math.max(...values, 1) }: Props) {
  const width = values.length * step
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      {values.map((value, index) => {
        const tall = most > 0 ? (value / most) * height : 0
        // A day with one pull among days with thousands is still seen.
        const shown = value > 0 ? Math.max(tall, 1.5) : 0
        return (
          <rect key={index} x={index * step} y={height - shown} width={step - 1} height={shown} />
        )
      })}
    </svg>
  )
}
