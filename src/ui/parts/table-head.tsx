import { type Column, classOf, type Sort, type TableProps } from './table-props.ts'

type Props<Row> = Pick<TableProps<Row>, 'columns' | 'sort' | 'onSort'>

/** A header that sorts is a button: once up, again down, and numbers down first. */
export function TableHead<Row>({ columns, sort, onSort }: Props<Row>) {
  return (
    <>
      <colgroup>
        {columns.map((column) => (
          <col
            key={column.name}
            class={classOf(column)}
            {...(column.width !== undefined && { style: { width: column.width } })}
          />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              class={classOf(column)}
              title={column.help}
              aria-sort={ariaSort(column, sort)}
            >
              {column.isSortable && onSort ? (
                <button type="button" onClick={() => onSort(nextSort(column, sort))}>
                  {column.title}
                  <span aria-hidden="true" class="sort-mark">
                    {markOf(column, sort)}
                  </span>
                </button>
              ) : (
                column.title
              )}
            </th>
          ))}
        </tr>
      </thead>
    </>
  )
}

function nextSort<Row>({ name, isNumber = false }: Column<Row>, sort: Sort | undefined): Sort {
  return { name, isDescending: sort?.name === name ? !sort.isDescending : isNumber }
}

function ariaSort<Row>({ name, isSortable }: Column<Row>, sort: Sort | undefined) {
  if (!isSortable || sort?.name !== name) return undefined
  return sort.isDescending ? 'descending' : 'ascending'
}

function markOf<Row>({ name }: Column<Row>, sort: Sort | undefined): string {
  if (sort?.name !== name) return ''
  return sort.isDescending ? '▼' : '▲'
}
