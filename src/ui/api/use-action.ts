import { useMutation } from '@tanstack/preact-query'
import { type ApiError, ask } from './ask.ts'
import { queryClient } from './query-client.ts'
import { toApiError } from './use-answer.ts'

type Action = { readonly path: string; readonly method?: 'POST' | 'PUT' | 'DELETE' }

export type Acting<Body, Answer> = {
  readonly run: (body: Body, onDone?: (answer: Answer) => void) => void
  readonly data: Answer | undefined
  readonly error: ApiError | undefined
  readonly isRunning: boolean
  readonly reset: () => void
}

/** Something that is done by the API. Whatever is shown is asked for anew after it. */
export function useAction<Body, Answer>({ path, method = 'POST' }: Action): Acting<Body, Answer> {
  const mutation = useMutation<Answer, Error, Body>({
    mutationFn: (body) => ask<Answer>(path, { method, body }),
    onSuccess: () => queryClient.invalidateQueries(),
  })
  return {
    run: (body, onDone) => mutation.mutate(body, { ...(onDone && { onSuccess: onDone }) }),
    data: mutation.data,
    error: toApiError(mutation.error),
    isRunning: mutation.isPending,
    reset: mutation.reset,
  }
}
