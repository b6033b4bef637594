import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

type Props = {
  /** What it shows, for who comes to it by keys. */
  readonly label: string
  readonly children: ComponentChildren
}

/** A table that is wider than its place is scrolled in it, by keys too. */
export function TableFrame({ label, children }: Props) {
  const place = useRef<HTMLElement>(null)
  const [isWide, setWide] = useState(false)
  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => setWide(element.scrollWidth > element.clientWidth))
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  }, [])
  return (
    <section
      ref={place}
      class="table-frame"
      {...(isWide && { tabIndex: 0, 'aria-label': `${label}: scrolls sideways` })}
    >
      {children}
    </section>
  )
}
