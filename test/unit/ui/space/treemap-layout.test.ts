import { expect, test } from 'vitest'
import { layOut, type Tile } from '../../../../src/ui/space/treemap-layout.ts'

type Item = { readonly name: string; readonly size: number }

const box = { width: 1_000, height: 300 }
const lay = (sizes: readonly number[], of = box): readonly Tile<Item>[] =>
  layOut(
    sizes.map((size, place) => ({ name: `${place}`, size })),
    ({ size }) => size,
    of,
  )
const area = ({ width, height }: { readonly width: number; readonly height: number }) =>
  width * height

test('tiles fill the box, each by its share', () => {
  const tiles = lay([60, 30, 10])
  expect(tiles.map(({ item }) => item?.name)).toEqual(['0', '1', '2'])
  expect(tiles.map((tile) => Math.round((area(tile) / area(box)) * 100))).toEqual([60, 30, 10])
})

test('what is nothing has no tile', () => {
  expect(lay([5, 0]).map(({ item }) => item?.name)).toEqual(['0'])
  expect(lay([])).toEqual([])
})

test('what would be too small to be hit is together in one, however large the list', () => {
  const sizes = Array.from({ length: 100 }, (_, place) => 1_000_000 / (place + 1) ** 2)
  const tiles = lay(sizes)
  const others = tiles.filter(({ item }) => item === undefined)
  const shown = tiles.filter(({ item }) => item !== undefined)
  expect(others).toHaveLength(1)
  expect(shown.length + (others[0]?.count ?? 0)).toBe(100)
  for (const { width, height } of shown) expect(Math.min(width, height)).toBeGreaterThanOrEqual(28)
  const sum = tiles.reduce((total, { value }) => total + value, 0)
  expect(sum).toBeCloseTo(sizes.reduce((total, size) => total + size, 0))
})

test('a box as small as a phone’s has at least the largest', () => {
  const [first] = lay([10, 10, 10, 10], { width: 40, height: 40 })
  expect(first?.item?.name).toBe('0')
})
