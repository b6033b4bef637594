import type { ComponentChildren } from 'preact'

type Props = {
  readonly title: string
  /** Beside it: switches and actions of the whole page. */
  readonly children?: ComponentChildren
}

/** The heading of a page, where focus goes when it is opened. */
export function PageHead({ title, children }: Props) {
  return (
    <header class="page-head">
      <h1 tabIndex={-1}>{title}</h1>
      <div class="page-head-actions">{children}</div>
    </header>
  )
}
