import type { ImageAnswer } from '../../answers/image.ts'
import { changeQuery } from '../frame/route.ts'

/** Of an index, whose layers and configuration are shown. */
export function PlatformChoice({ image }: { readonly image: ImageAnswer }) {
  const platforms = image.manifests.filter(({ attests }) => attests === undefined)
  return (
    <div class="filters">
      <label>
        Platform
        <select
          value={image.shown ?? ''}
          onChange={(event) => changeQuery({ platform: event.currentTarget.value })}
        >
          {image.shown === undefined && <option value="">none is here</option>}
          {platforms.map(({ digest, platform, kept }) => (
            <option key={digest} value={digest}>
              {platform ?? digest}
              {kept ? '' : ' (not here)'}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}
