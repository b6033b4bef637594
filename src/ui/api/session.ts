import { useEffect, useState } from 'preact/hooks'
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

let beginnings = 0
const beginning = new Set<() => void>()

/** Another number each time that somebody has signed in or out: what parts of the page know is of who was there. */
export function useBeginnings(): number {
  const [count, setCount] = useState(beginnings)
  useEffect(() => {
    const update = () => setCount(beginnings)
    beginning.add(update)
    return () => beginning.delete(update)
  }, [])
  return count
}

/** What somebody else was shown is shown no longer. */
function beginAnew(): void {
  beginnings += 1
  for (const update of beginning) update()
  eventFeed.reopen()
  answers.reset()
}
