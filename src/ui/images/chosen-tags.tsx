import type { RepositoryDetailAnswer } from '../../answers/repositories.ts'
import { hrefOf } from '../frame/route.ts'
import { ImageActions } from '../image/actions/image-actions.tsx'
import { formatCount } from '../parts/format.ts'

type Props = {
  readonly name: string
  readonly tags: readonly string[]
  /** Undefined until it is known. */
  readonly found: RepositoryDetailAnswer | undefined
  readonly onClear: () => void
}

/** What can be done with the ticked tags; its room is there also without any. */
export function ChosenTags({ name, tags, found, onClear }: Props) {
  const images = tags.map((tag) => `${name}:${tag}`)
  const [one, other] = images
  return (
    <div class="chosen-tags">
      <span role="status">
        {tags.length === 0 ? (
          <span class="muted">Tick tags to act on them, two of them to compare them.</span>
        ) : (
          <strong>{tags.length === 1 ? '1 tag' : `${formatCount(tags.length)} tags`} ticked</strong>
        )}
      </span>
      {tags.length > 0 && (
        <button type="button" class="quiet" onClick={onClear}>
          Untick all
        </button>
      )}
      {tags.length === 2 && <a href={hrefOf('compare', '', { a: one, b: other })}>Compare them</a>}
      {tags.length > 0 && found && (
        <ImageActions images={images} hosted={found.hosted} may={found.may} onDone={onClear} />
      )}
    </div>
  )
}
