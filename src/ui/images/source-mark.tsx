import { CloudDownload, Upload } from 'lucide-preact'

type Props = {
  readonly name: string
  readonly isHosted: boolean
  /** The shape alone, where the name stands beside it. */
  readonly isShort?: boolean
}

/** Where a repository's images come from: a shape and a word. */
export function SourceMark({ name, isHosted, isShort = false }: Props) {
  const upstream = name.slice(0, name.indexOf('/'))
  const Icon = isHosted ? Upload : CloudDownload
  const title = isHosted ? 'Pushed here' : `Mirrored from ${upstream}`
  return (
    <span class="source-mark" title={title}>
      <Icon aria-hidden="true" size={14} /> <span class={isShort ? 'unseen' : ''}>{title}</span>
    </span>
  )
}
