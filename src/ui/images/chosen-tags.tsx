import { hrefOf } from '../frame/route.ts'
import { formatCount } from '../parts/format.ts'

type Props = {
  readonly name: string
  readonly tags: readonly string[]
  readonly onClear: () => void
}

/** What can be done with the ticked tags; its room is there also without any. */
export function ChosenTags({ name, tags, onClear }: Props) {
  const [one, other] = tags.map((tag) => `${name}:${tag}`)
  return (
    <div class="chosen-tags" role="status">
      {tags.length === 0 ? (
        <span class="muted">Tick two tags to compare them.</span>
      ) : (
        <>
          <strong>{tags.length === 1 ? '1 tag' : `${formatCount(tags.length)} tags`} ticked</strong>
          {tags.length === 2 && (
            <a href={hrefOf('compare', '', { a: one, b: other })}>Compare them</a>
          )}
          <button type="button" class="quiet" onClick={onClear}>
            Untick all
          </button>
        </>
      )}
    </div>
  )
}
