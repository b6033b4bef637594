import type { ComponentChildren } from 'preact'

export type Column<Row> = {
  /** What it is sorted by. */
  readonly name: string
  readonly title: string
  /** What it means, on hover. */
  readonly help?: string
  readonly cell: (row: Row) => ComponentChildren
  readonly isNumber?: boolean
  readonly isSortable?: boolean
  /** `20rem`, `30%`: of a long table each needs one, so that it doesn't move as it is scrolled. */
  readonly width?: string
  /** Left out where there is little room. */
  readonly isMinor?: boolean
}

export type Sort = { readonly name: string; readonly isDescending: boolean }

export type TableProps<Row> = {
  /** What it lists, for who doesn't see the page. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly count: number
  /** Undefined while it is on its way. */
  readonly rowAt: (index: number) => Row | undefined
  readonly keyOf: (row: Row) => string
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  /** Hears which rows are shown, the last one too. */
  readonly onShown?: (first: number, last: number) => void
  /** Whether what is shown is on its way to something else. */
  readonly isOld?: boolean
}

export function classOf<Row>({ isNumber, isMinor }: Column<Row>): string {
  return [isNumber && 'numeric', isMinor && 'minor'].filter(Boolean).join(' ')
}
