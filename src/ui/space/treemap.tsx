import { useEffect, useRef, useState } from 'preact/hooks'
import type { RepositoryAnswer } from '../../answers/repositories.ts'
import { hrefOf } from '../frame/route.ts'
import { formatBytes, formatCount } from '../parts/format.ts'
import { layOut, type Tile } from './treemap-layout.ts'

const heightPx = 340

/** Repositories as tiles, as large as what only they need; each leads to its images. */
export function Treemap({ repositories }: { readonly repositories: readonly RepositoryAnswer[] }) {
  const list = useRef<HTMLUListElement>(null)
  const width = useWidth(list)
  const tiles =
    width > 0 ? layOut(repositories, ({ ownSize }) => ownSize, { width, height: heightPx }) : []
  return (
    <ul ref={list} class="treemap" aria-label="Repositories by the bytes that only they need">
      {tiles.map((tile) => (
        <li
          key={tile.item?.name ?? ''}
          style={{
            left: `${tile.left}px`,
            top: `${tile.top}px`,
            width: `${tile.width}px`,
            height: `${tile.height}px`,
          }}
        >
          <ShownTile tile={tile} />
        </li>
      ))}
    </ul>
  )
}

function ShownTile({ tile: { item, count, value } }: { readonly tile: Tile<RepositoryAnswer> }) {
  const size = formatBytes(value)
  if (!item) {
    const name = count === 1 ? '1 other' : `${formatCount(count)} others`
    return (
      <div class="treemap-tile" data-color="other" title={`${name}: ${size}`}>
        <span>{name}</span>
        <span class="number">{size}</span>
      </div>
    )
  }
  return (
    <a
      class="treemap-tile"
      data-color={item.hosted ? 'pushed' : 'cache'}
      href={hrefOf('images', item.name)}
      title={`${item.name}: ${size}`}
    >
      <span>{item.name}</span>
      <span class="number">{size}</span>
    </a>
  )
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [place])
  return width
}
