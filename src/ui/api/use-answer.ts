import { useEffect, useReducer, useRef } from 'preact/hooks'
import { answers } from './answers.ts'
import type { ApiError } from './ask.ts'

export type AnswerOptions = {
  /** Asks again after so long, as long as the page is looked at. */
  readonly everyMs?: number
  /** Not yet, where false. */
  readonly isWanted?: boolean
}

export type Answered<Answer> = {
  /** The last one, also while the next is on its way or doesn't come. */
  readonly data: Answer | undefined
  readonly error: ApiError | undefined
  /** Whether there is nothing to show yet. */
  readonly isWaiting: boolean
  /** Whether what is shown is of another question, until the answer to this one comes. */
  readonly isOld: boolean
  readonly retry: () => void
}

/** What `GET /api/v1/<path>` answers; undefined asks nothing. */
export function useAnswer<Answer>(
  path: string | undefined,
  { everyMs, isWanted = true }: AnswerOptions = {},
): Answered<Answer> {
  const wanted = isWanted ? path : undefined
  useWatched(wanted === undefined ? [] : [wanted], everyMs)
  const { data: own, error } = answers.read(path ?? '')
  const shown = useRef<unknown>()
  // The answer to another question is shown until this one's comes, or doesn't.
  if (own !== undefined || error !== undefined) shown.current = own
  const isOld = own === undefined && shown.current !== undefined
  return {
    data: shown.current as Answer | undefined,
    error,
    isWaiting: wanted !== undefined && shown.current === undefined && error === undefined,
    isOld,
    retry: () => answers.invalidate((each) => each === wanted),
  }
}

/** Draws the part anew when what is known of these paths changes. */
export function useWatched(paths: readonly string[], everyMs: number | undefined): void {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0)
  const all = paths.join('\n')
  useEffect(() => {
    const watched = all === '' ? [] : all.split('\n')
    const ends = watched.map((path) => answers.watch(path, () => redraw(0), everyMs))
    // What came between drawing and listening.
    redraw(0)
    return () => {
      for (const end of ends) end()
    }
  }, [all, everyMs])
}
