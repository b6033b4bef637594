import type { RepositoryDetailAnswer } from '../../answers/repositories.ts'
import { hrefOf } from '../frame/route.ts'
import { ImageActions } from '../image/actions/image-actions.tsx'
import { formatCount } from '../parts/format.ts'

type Props = {
  /** Undefined until it is known. */
  readonly repository: RepositoryDetailAnswer | undefined
  readonly tags: readonly string[]
  readonly onClear: () => void
}

/** What can be done with the ticked tags; its room is there also without any. */
export function ChosenTags({ repository, tags, onClear }: Props) {
  const images = repository ? tags.map((tag) => `${repository.name}:${tag}`) : []
  return (
    <div class="chosen-tags">
      <span role="status" class={tags.length === 0 ? 'muted' : ''}>
        {describe(tags.length)}
      </span>
      {images.length === 2 && (
        <a href={hrefOf('compare', '', { a: images[0], b: images[1] })}>Compare them</a>
      )}
      {repository && images.length > 0 && (
        <ImageActions
          images={images}
          hosted={repository.hosted}
          may={repository.may}
          onDone={onClear}
        />
      )}
      {tags.length > 0 && (
        <button type="button" class="quiet" onClick={onClear}>
          Untick all
        </button>
      )}
    </div>
  )
}

function describe(count: number): string {
  if (count === 0) return 'Tick tags to compare two of them, or to do something with them.'
  return count === 1 ? '1 tag ticked' : `${formatCount(count)} tags ticked`
}
