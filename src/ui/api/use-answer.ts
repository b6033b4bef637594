import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { ApiError, ask } from './ask.ts'

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
  const query = useQuery<Answer>({
    queryKey: [path],
    queryFn: ({ signal }) => ask<Answer>(path ?? '', { signal }),
    enabled: path !== undefined && isWanted,
    placeholderData: keepPreviousData,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  })
  return {
    data: query.data,
    error: toApiError(query.error),
    isWaiting: query.isPending && query.fetchStatus !== 'idle',
    isOld: query.isPlaceholderData,
    retry: () => void query.refetch(),
  }
}

export function toApiError(error: unknown): ApiError | undefined {
  if (error === null || error === undefined) return undefined
  return error instanceof ApiError ? error : new ApiError(0, String(error))
}
