import type { PinAnswer } from '../../../answers/actions.ts'
import { ActionDialog } from './action-dialog.tsx'
import type { DialogProps } from './image-actions.tsx'
import { titleFor } from './words.ts'

/** What is pinned isn't evicted. */
export function PinDialog({ images, onClose }: DialogProps) {
  return (
    <ActionDialog<PinAnswer, PinAnswer>
      title={titleFor('Pin', images)}
      work={{ path: 'pin', bodies: images.map((image) => ({ image, body: { image } })) }}
      tell={(plan) => <p class="action-text">{describe(plan)}</p>}
      word="Pin"
      isVain={({ isNew }) => isNew === false}
      tellDone={() => 'Pinned: it isn’t evicted until somebody unpins it.'}
      onClose={onClose}
    />
  )
}

function describe({ image, isNew }: PinAnswer): string {
  if (!isNew) return `${image} is pinned already.`
  return image.includes('@')
    ? `${image} is never evicted from now on, however full the disk gets.`
    : `${image} is never evicted from now on, however full the disk gets; should the tag move, the pin moves with it.`
}

/** By the pattern that pins it, which may pin others too. */
export function UnpinDialog({ images, image, onClose }: DialogProps) {
  const pattern = image?.pinnedBy ?? images[0] ?? ''
  const isOwn = images[0] === pattern
  return (
    <ActionDialog<PinAnswer, PinAnswer>
      title={titleFor('Unpin', images)}
      work={{ path: 'unpin', bodies: [{ image: pattern, body: { image: pattern } }] }}
      tell={() => (
        <p class="action-text">
          {isOwn
            ? 'It may be evicted again when the disk is full and it wasn’t pulled for long. Nothing is evicted now.'
            : `The pattern ${pattern} pins it, and perhaps others: all of them may be evicted again. Nothing is evicted now.`}
        </p>
      )}
      word="Unpin"
      tellDone={() => 'Unpinned: it may be evicted when room is needed.'}
      onClose={onClose}
    />
  )
}
