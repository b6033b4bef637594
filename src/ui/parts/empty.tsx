import type { ComponentChildren } from 'preact'

type Props = {
  /** What isn't there. */
  readonly title: string
  /** What to do about it. */
  readonly children?: ComponentChildren
}

/** A list that is empty says so. */
export function Empty({ title, children }: Props) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  )
}
