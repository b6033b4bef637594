import type { SessionAnswer } from '../../answers/session.ts'
import { answers } from './answers.ts'
import { ask } from './ask.ts'
import { eventFeed } from './event-feed.ts'
import { type Answered, useAnswer } from './use-answer.ts'

/** Who looks at the page. */
export function useSession(): Answered<SessionAnswer> {
  return useAnswer<SessionAnswer>('session')
}

/** Rejects with an ApiError that says why not. */
export async function signIn(user: string, password: string): Promise<void> {
  await ask('session', { method: 'POST', body: { user, password } })
  beginAnew()
}

export async function signOut(): Promise<void> {
  await ask('session', { method: 'DELETE' })
  beginAnew()
}

/** What somebody else was shown is shown no longer. */
function beginAnew(): void {
  eventFeed.reopen()
  answers.reset()
}
