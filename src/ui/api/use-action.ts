import { useState } from 'preact/hooks'
import { answers, toApiError } from './answers.ts'
import { type ApiError, ask } from './ask.ts'
import { useAsync } from './use-async.ts'

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
  const [data, setData] = useState<Answer>()
  const acting = useAsync(async (body: Body, onDone?: (answer: Answer) => void) => {
    const answer = await ask<Answer>(path, { method, body })
    answers.invalidate()
    setData(answer)
    onDone?.(answer)
  })
  return {
    run: acting.run,
    data,
    error: toApiError(acting.error),
    isRunning: acting.isRunning,
    reset: () => {
      setData(undefined)
      acting.forget()
    },
  }
}
