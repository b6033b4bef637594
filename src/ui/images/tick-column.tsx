import type { ImageAnswer } from '../../answers/images.ts'
import type { Column } from '../parts/table-props.ts'

/** Chooses rows; `x` does so for the row that has the focus. */
export function tickColumn(
  ticked: readonly string[],
  onTick: (tags: readonly string[]) => void,
): Column<ImageAnswer> {
  const toggle = (tag: string) =>
    onTick(ticked.includes(tag) ? ticked.filter((each) => each !== tag) : [...ticked, tag])
  return {
    name: 'tick',
    title: 'Tick',
    width: '3.6rem',
    cell: ({ tag }) => (
      <label class="tick">
        <span class="unseen">{`Tick ${tag}`}</span>
        <input type="checkbox" checked={ticked.includes(tag)} onChange={() => toggle(tag)} />
      </label>
    ),
  }
}
