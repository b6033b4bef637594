import { useEffect, useRef, useState } from 'preact/hooks'
import { eventFeed, type FeedEvent, type FeedState } from './event-feed.ts'

/** Hears of all that happens, as long as the part is shown. */
export function useEvents(listener: (event: FeedEvent) => void): void {
  const latest = useRef(listener)
  latest.current = listener
  useEffect(() => eventFeed.listen((event) => latest.current(event)), [])
}

export function useFeedState(): FeedState {
  const [state, setState] = useState(eventFeed.state)
  useEffect(() => eventFeed.watch(() => setState(eventFeed.state)), [])
  return state
}
