import { useState } from 'preact/hooks'
import type { CopyAnswer, CopyPlan } from '../../../answers/actions.ts'
import { formatBytes, shortDigest } from '../../parts/format.ts'
import { joinImage, splitImage, withoutUpstream } from '../image-name.ts'
import { ActionDialog } from './action-dialog.tsx'
import type { DialogProps } from './image-actions.tsx'
import { countOf } from './words.ts'

/** Makes what is kept an image of one's own, which is never evicted. */
export function CopyDialog({ images: [image = ''], hosted, onClose }: DialogProps) {
  const [to, setTo] = useState(() => suggest(image))
  const bodies = to === '' ? [] : [{ image, body: { from: image, to } }]
  return (
    <ActionDialog<CopyPlan, CopyAnswer>
      title={`Copy ${image}`}
      work={{ path: 'copy', bodies }}
      tell={(plan) => <Plan plan={plan} to={to} />}
      word="Copy"
      tellDone={() => `${to} is here. It stays until somebody deletes it.`}
      onClose={onClose}
    >
      <div class="action-choice">
        <label class="action-field">
          To
          <input
            value={to}
            placeholder="team/app:1"
            onInput={(event) => setTo(event.currentTarget.value.trim())}
          />
        </label>
        {!hosted && (
          <p class="muted">
            A name of your own: what is copied counts as pushed here, and is never evicted.
          </p>
        )}
      </div>
    </ActionDialog>
  )
}

function suggest(image: string): string {
  const { name, reference, isDigest } = splitImage(image)
  return joinImage(`mine/${withoutUpstream(name)}`, isDigest ? 'copy' : reference)
}

function Plan({ plan, to }: { readonly plan: CopyPlan; readonly to: string }) {
  const { imageCount, missing, sizeBytes, before, digest } = plan
  return (
    <>
      <p>
        {to} will have {countOf(imageCount, 'image')} of {formatBytes(sizeBytes)}, which are here
        already: it takes no more room.
      </p>
      {missing.length > 0 && (
        <p>
          <strong>{countOf(missing.length, 'platform')} stay away:</strong> they aren’t here as a
          whole. “Fetch all of it” first brings them too.
        </p>
      )}
      {before !== undefined && before !== digest && (
        <p>
          <strong>The tag moves:</strong> until now it is {shortDigest(before)}.
        </p>
      )}
    </>
  )
}
