import { useState } from 'preact/hooks'
import type { RemoveAnswer, RemovePlan } from '../../../answers/actions.ts'
import type { ImageAnswer } from '../../../answers/image.ts'
import { formatBytes } from '../../parts/format.ts'
import { joinImage } from '../image-name.ts'
import { ActionDialog } from './action-dialog.tsx'
import type { DialogProps } from './image-actions.tsx'
import { countOf, titleFor } from './words.ts'

/** Deletes pushed images: other tags of the same image stay, unless somebody says otherwise. */
export function RemoveDialog({ images, image, onClose }: DialogProps) {
  const [isWhole, setWhole] = useState(false)
  const hasSiblings = image !== undefined && image.tags.length > 1
  const whole = image && joinImage(image.name, image.digest)
  const meant = isWhole && whole !== undefined ? [whole] : images
  return (
    <ActionDialog<RemovePlan, RemoveAnswer>
      title={titleFor('Delete', images)}
      work={{
        path: 'remove',
        bodies: meant.map((each) => ({ image: each, body: { image: each } })),
      }}
      tell={tell}
      tellAll={(plans) =>
        `Together at least ${formatBytes(sumFreed(plans))} become free: more where only they share something.`
      }
      word="Delete"
      isDanger
      tellDone={tellDone}
      onClose={onClose}
    >
      {hasSiblings && !images[0]?.includes('@') && (
        <Siblings image={image} isWhole={isWhole} onChoose={setWhole} />
      )}
    </ActionDialog>
  )
}

type SiblingProps = {
  readonly image: ImageAnswer
  readonly isWhole: boolean
  readonly onChoose: (isWhole: boolean) => void
}

function Siblings({ image: { tags }, isWhole, onChoose }: SiblingProps) {
  return (
    <fieldset class="action-choice">
      <legend class="unseen">What is deleted</legend>
      <label>
        <input type="radio" name="what" checked={!isWhole} onChange={() => onChoose(false)} />
        Only this tag: the image stays under its other tags
      </label>
      <label>
        <input type="radio" name="what" checked={isWhole} onChange={() => onChoose(true)} />
        The image with all its tags: {tags.join(', ')}
      </label>
    </fieldset>
  )
}

function tell({ tags, digests, keptTags, freedBytes, sharedBytes }: RemovePlan) {
  const named = tags.length > 0 ? `Tags that go: ${tags.join(', ')}.` : 'No tag goes.'
  if (digests.length === 0) {
    const why =
      keptTags.length > 0 ? `its tags ${keptTags.join(', ')} keep it` : 'an index lists it'
    return (
      <p>
        {named} <strong>The image stays:</strong> {why}. Nothing becomes free.
      </p>
    )
  }
  return (
    <>
      <p>
        {named} <strong>{countOf(digests.length, 'image')} will be gone for good</strong>
        {digests.length > 1 && ', with what it lists or what refers to it'}.
      </p>
      <p class="muted">
        {formatBytes(freedBytes)} become free, an hour to a day from now.{' '}
        {sharedBytes > 0 && `${formatBytes(sharedBytes)} stay: other images need them.`}
      </p>
    </>
  )
}

function tellDone(answers: readonly RemoveAnswer[], plans: readonly RemovePlan[]): string {
  const tags = answers.flatMap((answer) => answer.tags)
  const count = answers.reduce((sum, { digests }) => sum + digests.length, 0)
  const freed = sumFreed(plans)
  const what = `Deleted: ${countOf(tags.length, 'tag')}, ${countOf(count, 'image')}.`
  const least = plans.length > 1 ? 'At least ' : ''
  return freed > 0 ? `${what} ${least}${formatBytes(freed)} become free within a day.` : what
}

function sumFreed(plans: readonly RemovePlan[]): number {
  return plans.reduce((sum, { freedBytes }) => sum + freedBytes, 0)
}
