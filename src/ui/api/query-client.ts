import { QueryClient } from '@tanstack/preact-query'
import { ApiError } from './ask.ts'

const mostTries = 2

/** What was asked, kept for the next who asks. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A browser that believes to be offline reaches a server in its own network all the same.
      networkMode: 'always',
      staleTime: 2_000,
      retry: (count, error) => count < mostTries && isPassing(error),
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 502
}
