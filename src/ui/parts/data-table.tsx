import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { TableFrame } from './table-frame.tsx'
import { TableHead } from './table-head.tsx'
import { classOf, type TableProps } from './table-props.ts'
import { useRowKeys } from './use-row-keys.ts'
import { useVirtualRows } from './use-virtual-rows.ts'

/** Longer ones are drawn as far as they are seen. */
const longFrom = 150
/** As style/parts.css has it. */
const rowPx = 44

/**
 * Rows of things, with headers that sort. The first link of a row opens it: j, k and the arrows go from
 * one to the next.
 */
export function DataTable<Row>(props: TableProps<Row>) {
  return props.count > longFrom ? <LongTable {...props} /> : <ShortTable {...props} />
}

/** For a list that is there as a whole. */
export function rowsOf<Row>(rows: readonly Row[]): Pick<TableProps<Row>, 'count' | 'rowAt'> {
  return { count: rows.length, rowAt: (index) => rows[index] }
}

function ShortTable<Row>(props: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const { count, onShown } = props
  useRowKeys(body)
  useEffect(() => onShown?.(0, count - 1), [count, onShown])
  return (
    <Table {...props}>
      <tbody ref={body}>
        {Array.from({ length: count }, (_, index) => (
          <TableRow key={index} {...props} index={index} />
        ))}
      </tbody>
    </Table>
  )
}

function LongTable<Row>(props: TableProps<Row>) {
  const { count, onShown } = props
  const body = useRef<HTMLTableSectionElement>(null)
  const rows = useVirtualRows({ count, rowPx, place: body })
  useRowKeys(body, rows.scrollTo)
  const { first, last } = rows
  useEffect(() => onShown?.(first, last), [first, last, onShown])
  return (
    <Table {...props} isLong>
      <tbody ref={body}>
        <Spacer px={rows.abovePx} />
        {Array.from({ length: last - first + 1 }, (_, at) => (
          <TableRow key={first + at} {...props} index={first + at} />
        ))}
        <Spacer px={rows.belowPx} />
      </tbody>
    </Table>
  )
}

type FrameProps<Row> = TableProps<Row> & {
  readonly isLong?: boolean
  readonly children: ComponentChildren
}

function Table<Row>(props: FrameProps<Row>) {
  const { caption, count, isLong = false, isOld = false, children } = props
  return (
    <TableFrame label={caption}>
      <table
        class={isLong ? 'rows long' : 'rows'}
        aria-rowcount={count + 1}
        aria-busy={isOld}
        data-old={isOld}
      >
        <caption class="unseen">{caption}</caption>
        <TableHead {...props} />
        {children}
      </table>
    </TableFrame>
  )
}

type RowProps<Row> = TableProps<Row> & { readonly index: number }

function TableRow<Row>({ columns, rowAt, index }: RowProps<Row>) {
  const row = rowAt(index)
  return (
    <tr aria-rowindex={index + 2} data-index={index}>
      {columns.map((column) => (
        <td key={column.name} class={classOf(column)}>
          {row === undefined ? <span class="placeholder" /> : column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

/** Spans no columns: on a phone there are fewer, and it would add those that aren't shown. */
function Spacer({ px }: { readonly px: number }) {
  if (px <= 0) return null
  return (
    <tr class="spacer">
      <td style={{ height: `${px}px` }} />
    </tr>
  )
}
