import type { EvictImageAnswer } from '../../../answers/actions.ts'
import { formatBytes } from '../../parts/format.ts'
import { ActionDialog } from './action-dialog.tsx'
import type { DialogProps } from './image-actions.tsx'
import { countOf, titleFor } from './words.ts'

/** Takes mirrored images away; they are fetched again by the next who pulls them. */
export function EvictDialog({ images, onClose }: DialogProps) {
  return (
    <ActionDialog<EvictImageAnswer, EvictImageAnswer>
      title={titleFor('Evict', images)}
      work={{ path: 'evict', bodies: images.map((image) => ({ image, body: { image } })) }}
      tell={tell}
      tellAll={(plans) =>
        `Together at least ${formatBytes(sumFreed(plans))} become free: more where only they share something.`
      }
      word="Evict"
      isDanger
      tellDone={(answers) =>
        `${formatBytes(sumFreed(answers))} became free. The next pull fetches it again.`
      }
      onClose={onClose}
    />
  )
}

function tell({ images, count, freedBytes, keptBytes }: EvictImageAnswer) {
  const tags = images.flatMap((image) => image.tags)
  return (
    <>
      <p>
        <strong>{formatBytes(freedBytes)} become free.</strong>{' '}
        {keptBytes > 0 && `${formatBytes(keptBytes)} stay: other images need them. `}
        {count > 1 && `It goes with ${countOf(count - 1, 'image')} that only it lists. `}
      </p>
      <p class="muted">
        {tags.length > 0 && `Tags that go from the cache: ${tags.join(', ')}. `}
        Upstream keeps it: the next pull fetches it again.
      </p>
    </>
  )
}

function sumFreed(plans: readonly EvictImageAnswer[]): number {
  return plans.reduce((sum, { freedBytes }) => sum + freedBytes, 0)
}
