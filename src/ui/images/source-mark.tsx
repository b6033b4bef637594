import { CloudDownload, Upload } from 'lucide-preact'

type Props = {
  readonly name: string
  readonly isHosted: boolean
}

/** Where a repository's images come from: a shape and a word. */
export function SourceMark({ name, isHosted }: Props) {
  const upstream = name.slice(0, name.indexOf('/'))
  const Icon = isHosted ? Upload : CloudDownload
  const title = isHosted ? 'Pushed here' : `Mirrored from ${upstream}`
  return (
    <span class="source-mark" title={title}>
      <Icon aria-hidden="true" size={14} /> {isHosted ? 'pushed here' : upstream}
    </span>
  )
}
