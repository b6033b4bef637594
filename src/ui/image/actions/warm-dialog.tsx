import { useState } from 'preact/hooks'
import type { WarmAnswer } from '../../../answers/actions.ts'
import type { ImageAnswer } from '../../../answers/image.ts'
import { formatBytes } from '../../parts/format.ts'
import { ActionDialog } from './action-dialog.tsx'
import type { DialogProps } from './image-actions.tsx'
import { WarmProgress } from './warm-progress.tsx'
import { countOf } from './words.ts'

/** Fetches what is missing of a mirrored image before anybody waits for it. */
export function WarmDialog({ images: [image = ''], image: known, onClose }: DialogProps) {
  const [platform, setPlatform] = useState('')
  const body = { image, ...(platform !== '' && { platform }) }
  return (
    <ActionDialog<WarmAnswer, WarmAnswer>
      title={`Fetch all of ${image}`}
      work={{ path: 'warm', bodies: [{ image, body }] }}
      tell={(plan) => <p>{describe(plan)}</p>}
      word="Fetch"
      isVain={({ count, unknown }) => count === 0 && unknown === 0}
      tellDone={([answer]) => answer && <WarmProgress body={body} begun={answer} />}
      onClose={onClose}
    >
      {known && known.manifests.length > 0 && (
        <PlatformField image={known} chosen={platform} onChoose={setPlatform} />
      )}
    </ActionDialog>
  )
}

type FieldProps = {
  readonly image: ImageAnswer
  readonly chosen: string
  readonly onChoose: (platform: string) => void
}

function PlatformField({ image, chosen, onChoose }: FieldProps) {
  const platforms = image.manifests.filter(({ platform }) => platform !== undefined)
  return (
    <div class="action-choice">
      <label class="action-field">
        Platform
        <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
          <option value="">all {platforms.length} of them</option>
          {platforms.map(({ digest, platform }) => (
            <option key={digest} value={digest}>
              {platform}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

function describe({ count, bytes, unknown, underWay }: WarmAnswer): string {
  if (count === 0 && unknown === 0) return 'All of it is here: there is nothing to fetch.'
  const blobs = count > 0 ? `${`${count} layers and configs`}, ${formatBytes(bytes)}` : ''
  const manifests =
    unknown > 0
      ? `${countOf(unknown, 'manifest')} first, and then what they name; how much that is isn’t known yet`
      : ''
  const state = underWay ? 'It is being fetched already: ' : 'It will be fetched from upstream: '
  return `${state}${[blobs, manifests].filter(Boolean).join('; ')}. It goes on if this page is closed.`
}
