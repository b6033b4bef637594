import type { ImageAnswer, LayerAnswer } from '../../answers/image.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes } from '../parts/bytes.tsx'
import { Copy } from '../parts/copy.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { formatBytes, shortDigest } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'

type Row = LayerAnswer & { readonly at: number; readonly share: number }

/** The layers on one scale, what made each, and who has it too. */
export function LayersTab({ image }: { readonly image: ImageAnswer }) {
  const { layers } = image
  if (layers.length === 0) return <NoLayers image={image} />
  const largest = Math.max(...layers.map(({ size }) => size), 1)
  const rows = layers.map((layer, at) => ({ ...layer, at: at + 1, share: layer.size / largest }))
  return (
    <>
      <p class="muted">{describeKept(image)}</p>
      <DataTable
        caption="Layers, the lowest first"
        columns={columns}
        {...rowsOf<Row>(rows)}
        keyOf={({ at }) => String(at)}
      />
    </>
  )
}

const columns: readonly Column<Row>[] = [
  { name: 'at', title: '#', cell: ({ at }) => at, isNumber: true, isMinor: true },
  {
    name: 'command',
    title: 'Made by',
    cell: ({ command, digest }) => (
      <span class="image-layer">
        <span class="image-command mono" title={command}>
          {command ?? <span class="muted">it doesn’t say</span>}
        </span>
        <span class="muted mono">
          {shortDigest(digest)} <Copy text={digest} label="the layer’s digest" />
        </span>
      </span>
    ),
  },
  {
    name: 'bar',
    title: 'Share',
    isMinor: true,
    cell: ({ share }) => (
      <span class="image-bar" aria-hidden="true">
        <span data-color="cache" style={{ width: `${share * 100}%` }} />
      </span>
    ),
  },
  { name: 'size', title: 'Size', cell: ({ size }) => <Bytes value={size} />, isNumber: true },
  {
    name: 'shared',
    title: 'Shared with',
    isMinor: true,
    cell: (row) => <Shared {...row.shared} />,
  },
  {
    name: 'kept',
    title: 'Here',
    cell: ({ kept }) =>
      kept ? <Badge kind="ok">here</Badge> : <Badge kind="off">yet to fetch</Badge>,
  },
]

function Shared({ count, more, images }: LayerAnswer['shared']) {
  if (count === 0) return <span class="muted">no other</span>
  const word = count === 1 && !more ? 'image' : 'images'
  return (
    <details class="image-shared">
      <summary>
        {count}
        {more && ' or more'} {word}
      </summary>
      <ul>
        {images.map((name) => (
          <li key={name}>
            <a href={hrefOf('image', name)}>{name}</a>
          </li>
        ))}
        {(count > images.length || more) && <li class="muted">and others</li>}
      </ul>
    </details>
  )
}

function describeKept({ layers }: ImageAnswer): string {
  const kept = layers.filter((layer) => layer.kept).length
  const bytes = layers.reduce((sum, { size }) => sum + size, 0)
  const all = `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ${formatBytes(bytes)}`
  if (kept === layers.length) return `${all}. All of it is here.`
  return `${all}. ${kept} of ${layers.length} are here; the rest were never asked for.`
}

function NoLayers({ image: { manifests, shown } }: { readonly image: ImageAnswer }) {
  const chosen = manifests.find(({ digest }) => digest === shown)
  if (chosen?.kept === false)
    return (
      <Empty title={`${chosen.platform ?? 'This one'} isn’t here yet.`}>
        Nobody has pulled it. “Fetch all of it” does, or the first pull.
      </Empty>
    )
  if (manifests.length > 0)
    return (
      <Empty title="None of its platforms is here yet.">
        Nobody has pulled one. “Fetch all of it” does, or the first pull.
      </Empty>
    )
  return <Empty title="It has no layers.">What there is of it is under Raw.</Empty>
}
