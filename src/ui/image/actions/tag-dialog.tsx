import { useState } from 'preact/hooks'
import type { TagAnswer } from '../../../answers/actions.ts'
import { shortDigest } from '../../parts/format.ts'
import { ActionDialog } from './action-dialog.tsx'
import type { DialogProps } from './image-actions.tsx'

/** One more tag for a pushed image, or one that moves to it. */
export function TagDialog({ images: [image = ''], onClose }: DialogProps) {
  const [tag, setTag] = useState('')
  const bodies = tag === '' ? [] : [{ image, body: { image, tag } }]
  return (
    <ActionDialog<TagAnswer, TagAnswer>
      title={`Add a tag to ${image}`}
      work={{ path: 'tag', bodies }}
      tell={(plan) => <p>{describe(plan)}</p>}
      word="Add the tag"
      isVain={({ digest, before }) => before === digest}
      tellDone={([answer]) => answer && `${answer.repository}:${answer.tag} is this image now.`}
      onClose={onClose}
    >
      <div class="action-choice">
        <label class="action-field">
          Tag
          <input
            value={tag}
            maxLength={128}
            placeholder="stable"
            onInput={(event) => setTag(event.currentTarget.value.trim())}
          />
        </label>
      </div>
    </ActionDialog>
  )
}

function describe({ repository, tag, digest, before }: TagAnswer): string {
  const name = `${repository}:${tag}`
  if (before === undefined) return `${name} is new, and will be this image. Its other tags stay.`
  if (before === digest) return `${name} is this image already.`
  return `${name} moves: until now it is ${shortDigest(before)}, which stays without that tag.`
}
