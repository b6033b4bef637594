import type { ComponentChildren } from 'preact'

type Props = {
  readonly title: string
  /** Where it leads. */
  readonly href: string
  /** The one number; undefined while it isn't known. */
  readonly value: ComponentChildren
  /** What it is compared with. */
  readonly detail?: ComponentChildren
  readonly children?: ComponentChildren
}

/** One number, one comparison, and the way to what is behind it. */
export function Tile({ title, href, value, detail, children }: Props) {
  return (
    <a class="tile card" href={href}>
      <span class="tile-title">{title}</span>
      <span class="tile-value">{value ?? <span aria-hidden="true">–</span>}</span>
      <span class="tile-detail muted">{detail}</span>
      <span class="tile-chart">{children}</span>
    </a>
  )
}
