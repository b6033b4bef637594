import type { RefObject } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks'

type Wanted = {
  readonly count: number
  /** All rows are as high. */
  readonly rowPx: number
  /** Where the rows begin. */
  readonly place: RefObject<HTMLElement>
}

/** Those that are near to what is seen, the last one too. */
type Span = { readonly first: number; readonly last: number }

export type VirtualRows = Span & {
  readonly abovePx: number
  readonly belowPx: number
  readonly scrollTo: (index: number) => void
}

/** Drawn before they are seen, on either side. */
const overscan = 12

/** Of very many rows those that are seen, as the page is scrolled. */
export function useVirtualRows({ count, rowPx, place }: Wanted): VirtualRows {
  const [span, setSpan] = useState<Span>({ first: 0, last: overscan * 2 })
  const look = () => {
    const top = place.current?.getBoundingClientRect().top ?? 0
    const rowAt = (y: number) => Math.max(0, Math.floor((y - top) / rowPx))
    const seen = { first: rowAt(0), last: rowAt(innerHeight) }
    setSpan((before) => {
      const isNear = seen.first >= before.first && seen.last <= before.last
      const [first, last] = [Math.max(0, seen.first - overscan), seen.last + overscan]
      // Until what is seen comes near to the end of what is drawn, nothing is drawn anew.
      const isCut = before.first > 0 && seen.first - before.first < overscan / 2
      const isEnding = before.last - seen.last < overscan / 2
      return isNear && !isCut && !isEnding ? before : { first, last }
    })
  }
  // What stands above may have another height by now.
  useLayoutEffect(look)
  useEffect(() => {
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [rowPx])
  const last = Math.min(span.last, count - 1)
  const first = Math.min(span.first, Math.max(0, last))
  const scrollTo = useCallback(
    (index: number) => {
      const top = (place.current?.getBoundingClientRect().top ?? 0) + scrollY + index * rowPx
      window.scrollTo({ top: top - innerHeight / 2 })
    },
    [place, rowPx],
  )
  return {
    first,
    last,
    abovePx: first * rowPx,
    belowPx: (count - 1 - last) * rowPx,
    scrollTo,
  }
}
