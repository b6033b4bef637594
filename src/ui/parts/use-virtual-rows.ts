import {
  observeWindowOffset,
  observeWindowRect,
  type VirtualItem,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useLayoutEffect, useReducer, useState } from 'preact/hooks'

type Wanted = {
  readonly count: number
  readonly rowPx: number
  /** Where the rows begin. */
  readonly place: RefObject<HTMLElement>
}

export type VirtualRows = {
  /** Those that are near to what is seen. */
  readonly items: readonly VirtualItem[]
  readonly abovePx: number
  readonly belowPx: number
  readonly scrollTo: (index: number) => void
}

const overscan = 12

/** Of very many rows those that are seen, as the page is scrolled. */
export function useVirtualRows({ count, rowPx, place }: Wanted): VirtualRows {
  const [, redraw] = useReducer((drawn: number) => drawn + 1, 0)
  const [marginPx, setMargin] = useState(0)
  const options = {
    count,
    overscan,
    scrollMargin: marginPx,
    getScrollElement: () => window,
    estimateSize: () => rowPx,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    onChange: () => redraw(0),
    initialRect: { width: innerWidth, height: innerHeight },
  }
  const [virtualizer] = useState(() => new Virtualizer<Window, HTMLElement>(options))
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => {
    virtualizer._willUpdate()
    const top = place.current ? place.current.getBoundingClientRect().top + scrollY : 0
    if (Math.abs(top - marginPx) >= 1) setMargin(top)
  })
  const items = virtualizer.getVirtualItems()
  const [first, last] = [items.at(0), items.at(-1)]
  return {
    items,
    abovePx: first ? first.start - marginPx : 0,
    belowPx: last ? virtualizer.getTotalSize() - (last.end - marginPx) : 0,
    scrollTo: (index) => virtualizer.scrollToIndex(index),
  }
}
