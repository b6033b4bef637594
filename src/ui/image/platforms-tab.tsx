import type { ImageAnswer, ListedAnswer } from '../../answers/image.ts'
import { changeQuery, hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes } from '../parts/bytes.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { formatBytes, formatExactBytes, shortDigest } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'
import { joinImage } from './image-name.ts'

/** What an index has for which machine, and how much of it is here. */
export function PlatformsTab({ image }: { readonly image: ImageAnswer }) {
  const rows = image.manifests.filter(({ attests }) => attests === undefined)
  if (rows.length === 0) {
    const { os, architecture } = image.config ?? {}
    const platform = [os, architecture].filter(Boolean).join('/')
    return (
      <Empty title={platform ? `It is for ${platform} alone.` : 'It is for no platform.'}>
        An index would list several here.
      </Empty>
    )
  }
  return (
    <DataTable
      caption="Platforms"
      columns={columnsFor(image)}
      {...rowsOf(rows)}
      keyOf={({ digest }) => digest}
    />
  )
}

function columnsFor({ name, shown }: ImageAnswer): readonly Column<ListedAnswer>[] {
  return [
    {
      name: 'platform',
      title: 'Platform',
      cell: ({ platform, digest }) => (
        <span class="image-badges">
          <a href={hrefOf('image', joinImage(name, digest))}>{platform ?? 'it doesn’t say'}</a>
          {digest === shown ? (
            <Badge kind="plain">shown</Badge>
          ) : (
            <button type="button" class="quiet" onClick={() => changeQuery({ platform: digest })}>
              Show<span class="unseen"> {platform ?? digest}</span>
            </button>
          )}
        </span>
      ),
    },
    {
      name: 'digest',
      title: 'Digest',
      isMinor: true,
      cell: ({ digest }) => <code title={digest}>{shortDigest(digest)}</code>,
    },
    {
      name: 'size',
      title: 'Size',
      isNumber: true,
      cell: ({ imageSize }) => (
        <Bytes value={imageSize} unknown="not known until its manifest is here" />
      ),
    },
    { name: 'kept', title: 'Here', cell: (listed) => <Kept {...listed} /> },
  ]
}

function Kept({ kept, imageSize, keptSize }: ListedAnswer) {
  if (!kept) return <Badge kind="off">not here</Badge>
  if (imageSize === undefined || keptSize === undefined) return <Badge kind="ok">here</Badge>
  if (keptSize === imageSize) return <Badge kind="ok">all of it</Badge>
  return (
    <span title={`${formatExactBytes(keptSize)} of ${formatExactBytes(imageSize)}`}>
      <Badge kind="off">{`${formatBytes(keptSize)} of it`}</Badge>
    </span>
  )
}
