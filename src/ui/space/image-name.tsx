import { hrefOf } from '../frame/route.ts'
import { shortDigest } from '../parts/format.ts'

type Props = {
  readonly name: string
  readonly digest: string
  readonly tags: readonly string[]
}

/** An image by a tag, else by its digest; with all of them on hover. */
export function ImageName({ name, digest, tags }: Props) {
  const [tag] = tags
  const others = tags.length - 1
  return (
    <span class="space-name" title={`${name}@${digest}`}>
      <a href={hrefOf('images', '', { search: name })}>{name}</a>
      {tag === undefined ? <code>@{shortDigest(digest)}</code> : `:${tag}`}
      {others > 0 && (
        <span class="muted" title={tags.join(', ')}>
          {' '}
          and {others} more
        </span>
      )}
    </span>
  )
}
