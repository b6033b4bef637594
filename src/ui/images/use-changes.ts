import { useEffect, useRef } from 'preact/hooks'
import type { EventKind } from '../../events/event-data.ts'
import { answers } from '../api/answers.ts'
import { useEvents } from '../api/use-events.ts'

/** What is pulled moves rows under the eyes of who reads them: that can wait for the next half minute. */
const kinds: readonly EventKind[] = ['push', 'delete', 'evict']
const afterMs = 1_000

/** Asks anew for lists whose path begins so, soon after something is pushed, removed or evicted. */
export function useChanges(beginning: string, further: readonly EventKind[] = []): void {
  const timer = useRef<ReturnType<typeof setTimeout>>()
  useEvents(({ kind }) => {
    if (timer.current !== undefined || ![...kinds, ...further].includes(kind)) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      answers.invalidate((path) => path.startsWith(beginning))
    }, afterMs)
  })
  useEffect(() => () => clearTimeout(timer.current), [])
}
