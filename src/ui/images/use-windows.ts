import { useCallback, useRef, useState } from 'preact/hooks'
import { answers } from '../api/answers.ts'
import type { ApiError } from '../api/ask.ts'
import { useWatched } from '../api/use-answer.ts'

/** Rows that are asked for at once. */
const windowRows = 100
const everyMs = 30_000
const soonMs = 1_000

type Listed<Row> = {
  readonly rows: readonly Row[]
  readonly total: number
  /** Whether more is known of them soon. */
  readonly isPassing?: boolean
}

export type Windows<Row> = {
  /** Undefined until the first answer. */
  readonly total: number | undefined
  /** Undefined while it is on its way. */
  readonly rowAt: (index: number) => Row | undefined
  /** To be told which rows are shown. */
  readonly onShown: (first: number, last: number) => void
  /** Whether what is shown is of another question, until the answer to this one comes. */
  readonly isOld: boolean
  readonly error: ApiError | undefined
  readonly retry: () => void
}

/** What is there of a list. */
type Known<Row> = {
  readonly path: string
  readonly total: number
  readonly windows: ReadonlyMap<number, readonly Row[]>
}

/**
 * A list that is too long to be asked for as a whole: what is scrolled to is asked for. `path` is that of the list,
 * without `offset` and `limit`.
 */
export function useWindows<Answer, Row>(
  path: string,
  read: (answer: Answer) => Listed<Row>,
): Windows<Row> {
  // As text, so that only a change of them draws anything anew.
  const [wanted, setWanted] = useState('0')
  const windows = wanted.split(' ').map(Number)
  const paths = windows.map((window) => pathOf(path, window))
  const found = paths.map((each) => answers.read(each))
  const listed = found.map(({ data }) => (data === undefined ? undefined : read(data as Answer)))
  useWatched(paths, listed.some((each) => each?.isPassing) ? soonMs : everyMs)
  const last = useRef<Known<Row>>()
  last.current = gather(path, windows, listed) ?? last.current
  const known = last.current
  const onShown = useCallback((first: number, end: number) => {
    setWanted(windowsOf(first, Math.max(first, end)))
  }, [])
  return {
    total: known?.total,
    rowAt: (index) => known?.windows.get(Math.floor(index / windowRows))?.[index % windowRows],
    onShown,
    isOld: known !== undefined && known.path !== path,
    error: found.find(({ error }) => error)?.error,
    retry: () => answers.invalidate((each) => paths.includes(each)),
  }
}

function pathOf(path: string, window: number): string {
  const page = `offset=${window * windowRows}&limit=${windowRows}`
  return `${path}${path.includes('?') ? '&' : '?'}${page}`
}

/** Undefined while none of them has been answered. */
function gather<Row>(
  path: string,
  windows: readonly number[],
  found: readonly (Listed<Row> | undefined)[],
): Known<Row> | undefined {
  const total = found.find((each) => each !== undefined)?.total
  if (total === undefined) return undefined
  const rows = windows.map((window, at) => [window, found[at]?.rows ?? []] as const)
  return { path, total, windows: new Map(rows) }
}

function windowsOf(first: number, last: number): string {
  const from = Math.floor(first / windowRows)
  const count = Math.floor(last / windowRows) - from + 1
  return Array.from({ length: count }, (_, at) => from + at).join(' ')
}
