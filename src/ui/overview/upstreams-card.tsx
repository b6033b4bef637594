import type { UpstreamsAnswer } from '../../answers/upstreams.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { formatCount } from '../parts/format.ts'
import { Progress } from '../parts/meter.tsx'
import { healthOf } from '../upstreams/upstream-health.ts'

type Upstream = UpstreamsAnswer['upstreams'][number]

/** How each registry does that is mirrored, and what is left of its limit. */
export function UpstreamsCard({
  upstreams,
}: {
  readonly upstreams: readonly Upstream[] | undefined
}) {
  const link = <a href={hrefOf('upstreams')}>Upstreams</a>
  return (
    <Card title="Upstreams" class="upstreams-now" aside={link}>
      {upstreams?.length === 0 && (
        <p>No upstream is configured: this works as a private registry only.</p>
      )}
      <ul class="upstream-list">
        {upstreams?.map((upstream) => (
          <UpstreamRow key={upstream.name} upstream={upstream} />
        ))}
      </ul>
    </Card>
  )
}

function UpstreamRow({ upstream }: { readonly upstream: Upstream }) {
  const { name, urls } = upstream
  const { kind, word, what } = healthOf(upstream, undefined, Date.now())
  const budget = urls.find((url) => url.budget)?.budget
  return (
    <li class="upstream-row">
      <span class="upstream-name" title={name}>
        {name}
      </span>
      <span title={what}>
        <Badge kind={kind}>{word}</Badge>
      </span>
      <span class="upstream-budget muted">
        {budget && (
          <>
            {formatCount(budget.remaining)} of {formatCount(budget.limit)} pulls left
            <Progress
              label={`Pulls left at ${name}`}
              share={budget.limit > 0 ? budget.remaining / budget.limit : 0}
            />
          </>
        )}
      </span>
    </li>
  )
}
