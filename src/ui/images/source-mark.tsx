type Props = {
  readonly name: string
  readonly isHosted: boolean
  /** The shape alone, where the name stands beside it. */
  readonly isShort?: boolean
}

/** Where a repository's images come from: a shape and a word. */
export function SourceMark({ name, isHosted, isShort = false }: Props) {
  const title = isHosted ? 'Pushed here' : `Mirrored from ${name.slice(0, name.indexOf('/'))}`
  const shape = isHosted ? '↑' : '↓'
  if (isShort)
    return (
      <span class="source-mark" role="img" aria-label={title} title={title}>
        {shape}
      </span>
    )
  return (
    <span class="source-mark">
      <span aria-hidden="true">{shape}</span> {title}
    </span>
  )
}
