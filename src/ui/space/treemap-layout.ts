import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy'

export type Sized = { readonly name: string; readonly value: number }

export type Tile<Item> = {
  /** Undefined stands for all that would be too small. */
  readonly item: Item | undefined
  readonly count: number
  readonly value: number
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

type Node<Item> = { readonly item?: Item; readonly count: number; readonly value: number }
type Tree<Item> = { readonly children: readonly Node<Item>[] }

/** What is smaller can't be hit with a finger (WCAG 2.2, 2.5.8). */
const leastPx = 28

/** Tiles of a box, as large as what they stand for; the smallest together in one. */
export function layOut<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  box: { readonly width: number; readonly height: number },
): readonly Tile<Item>[] {
  const nodes = items
    .map((item) => ({ item, count: 1, value: sizeOf(item) }))
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value)
  for (let shown = nodes.length; ; shown = Math.floor(shown * 0.8)) {
    const tiles = tilesOf(withRest(nodes, shown), box)
    const isFine = tiles.every(
      ({ item, width, height }) => !item || (width >= leastPx && height >= leastPx),
    )
    if (isFine || shown <= 1) return tiles
  }
}

function withRest<Item>(nodes: readonly Node<Item>[], shown: number): readonly Node<Item>[] {
  const rest = nodes.slice(shown)
  if (rest.length === 0) return nodes
  const value = rest.reduce((sum, node) => sum + node.value, 0)
  return [...nodes.slice(0, shown), { count: rest.length, value }]
}

function tilesOf<Item>(
  nodes: readonly Node<Item>[],
  { width, height }: { readonly width: number; readonly height: number },
): readonly Tile<Item>[] {
  const root = hierarchy<Tree<Item> | Node<Item>>({ children: nodes }).sum((node) =>
    'value' in node ? node.value : 0,
  )
  const laid = treemap<Tree<Item> | Node<Item>>().tile(treemapSquarify).size([width, height])(root)
  return laid.leaves().flatMap(({ data, x0, y0, x1, y1 }) => {
    if (!('value' in data)) return []
    const { item, count, value } = data
    return [{ item, count, value, left: x0, top: y0, width: x1 - x0, height: y1 - y0 }]
  })
}
