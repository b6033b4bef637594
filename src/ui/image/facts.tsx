import type { ComponentChildren } from 'preact'
import { Fragment } from 'preact'

export type Fact = readonly [title: string, value: ComponentChildren]

/** Names and values beneath each other. */
export function Facts({ facts }: { readonly facts: readonly (Fact | undefined)[] }) {
  return (
    <dl class="image-facts">
      {facts.map(
        (fact) =>
          fact && (
            <Fragment key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </Fragment>
          ),
      )}
    </dl>
  )
}
