import { hrefOf } from '../frame/route.ts'
import { shortDigest } from '../parts/format.ts'

type Props = {
  readonly name: string
  readonly digest: string
  readonly tags: readonly string[]
  /** Whether there is a page about it. */
  readonly isKept: boolean
}

/** An image by a tag, else by its digest; with all of them on hover. */
export function ImageName({ name, digest, tags, isKept }: Props) {
  const [tag] = tags
  const others = tags.length - 1
  const reference = tag === undefined ? `@${digest}` : `:${tag}`
  const shown = tag === undefined ? `@${shortDigest(digest)}` : `:${tag}`
  const href = isKept
    ? hrefOf('image', `${name}${reference}`)
    : hrefOf('images', '', { search: name })
  return (
    <span class="space-name" title={`${name}@${digest}`}>
      <a href={href}>
        {name}
        {shown}
      </a>
      {others > 0 && (
        <span class="muted" title={tags.join(', ')}>
          {' '}
          and {others} more
        </span>
      )}
    </span>
  )
}
