import type { NextEvictionsAnswer, SpaceAnswer } from '../../answers/space.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card } from '../parts/card.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { EvictionsCard } from './evictions-card.tsx'
import { firstPath, NextCard } from './next-card.tsx'

type Props = { readonly space: SpaceAnswer | undefined; readonly after: string | null }

/** What would go, and what went; the second comes with the first, so that it isn't pushed down by it. */
export function GoesView({ space, after }: Props) {
  const next = useAnswer<NextEvictionsAnswer>(firstPath)
  if (next.isWaiting || !space) {
    return (
      <Card title="What would go next" class="wide">
        <Waiting what="what would go" />
      </Card>
    )
  }
  return (
    <>
      <NextCard space={space} />
      <EvictionsCard after={after} />
    </>
  )
}
