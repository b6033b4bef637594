import { useQueries } from '@tanstack/preact-query'
import { useCallback, useRef, useState } from 'preact/hooks'
import { type ApiError, ask } from '../api/ask.ts'
import { toApiError } from '../api/use-answer.ts'

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
  const queries = useQueries({ queries: windows.map((window) => queryOf(path, window, read)) })
  const last = useRef<Known<Row>>()
  last.current =
    gather(
      path,
      windows,
      queries.map(({ data }) => data && read(data)),
    ) ?? last.current
  const known = last.current
  const onShown = useCallback((first: number, end: number) => {
    setWanted(windowsOf(first, Math.max(first, end)))
  }, [])
  const failed = queries.find(({ error }) => error)
  return {
    total: known?.total,
    rowAt: (index) => known?.windows.get(Math.floor(index / windowRows))?.[index % windowRows],
    onShown,
    isOld: known !== undefined && known.path !== path,
    error: toApiError(failed?.error),
    retry: () => void failed?.refetch(),
  }
}

function queryOf<Answer, Row>(path: string, window: number, read: (answer: Answer) => Listed<Row>) {
  const page = `offset=${window * windowRows}&limit=${windowRows}`
  const asked = `${path}${path.includes('?') ? '&' : '?'}${page}`
  return {
    queryKey: [asked],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => ask<Answer>(asked, { signal }),
    refetchInterval: ({
      state: { data },
    }: {
      readonly state: { readonly data?: Answer | undefined }
    }) => (data && read(data).isPassing ? soonMs : everyMs),
  }
}

/** Undefined while none of them has been answered. */
function gather<Row>(
  path: string,
  windows: readonly number[],
  answers: readonly (Listed<Row> | undefined)[],
): Known<Row> | undefined {
  const total = answers.find((answer) => answer !== undefined)?.total
  if (total === undefined) return undefined
  const rows = windows.map((window, at) => [window, answers[at]?.rows ?? []] as const)
  return { path, total, windows: new Map(rows) }
}

function windowsOf(first: number, last: number): string {
  const from = Math.floor(first / windowRows)
  const count = Math.floor(last / windowRows) - from + 1
  return Array.from({ length: count }, (_, at) => from + at).join(' ')
}
