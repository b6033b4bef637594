import type { ComponentChildren } from 'preact'

export type BadgeKind = 'ok' | 'warning' | 'error' | 'off' | 'plain'

/** So that nobody depends on telling colours apart. */
const shapes: Readonly<Record<BadgeKind, string>> = {
  ok: '✓',
  warning: '▲',
  error: '⬣',
  off: '◌',
  plain: '',
}

/** A state: a shape and a word. */
export function Badge({
  kind,
  children,
}: {
  readonly kind: BadgeKind
  readonly children: ComponentChildren
}) {
  return (
    <span class="badge" data-kind={kind}>
      {shapes[kind] !== '' && <span aria-hidden="true">{shapes[kind]} </span>}
      {children}
    </span>
  )
}
