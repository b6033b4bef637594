import type { Attention } from '../../answers/attention.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { When } from '../parts/when.tsx'

/** Where somebody goes to see to it. */
const placeOf: Readonly<Record<Attention['kind'], readonly [page: string, title: string]>> = {
  'disk-high': ['space', 'Space'],
  'upstream-down': ['upstreams', 'Upstreams'],
  'verification-failed': ['space', 'Space'],
  'configuration-refused': ['access', 'Access'],
  offline: ['upstreams', 'Upstreams'],
}

/** What needs a person, above all else; nothing where nothing does. */
export function AttentionStrip({ attention }: { readonly attention: readonly Attention[] }) {
  if (attention.length === 0) return null
  return (
    <section class="attention" aria-label="Needs attention">
      <ul>
        {attention.map((each) => (
          <li
            key={`${each.kind} ${each.what}`}
            class="attention-item"
            data-severity={each.severity}
          >
            <Badge kind={each.severity}>{each.severity === 'error' ? 'Wrong' : 'Mind'}</Badge>
            <p>
              <strong>{each.what}</strong> {each.advice}{' '}
              <span class="muted">
                Since <When at={each.since} />.
              </span>{' '}
              <PlaceLink kind={each.kind} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}

function PlaceLink({ kind }: Pick<Attention, 'kind'>) {
  const [page, title] = placeOf[kind]
  return <a href={hrefOf(page)}>Go to {title}</a>
}
