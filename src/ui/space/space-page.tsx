import './space.css'
import type { SpaceAnswer } from '../../answers/space.ts'
import type { EventKind } from '../../events/event-data.ts'
import { answers } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useEvents } from '../api/use-events.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { go, hrefOf } from '../frame/route.ts'
import { Tabs } from '../parts/tabs.tsx'
import { BackupsCard } from './backups-card.tsx'
import { DiskCard } from './disk-card.tsx'
import { GoesView } from './goes-view.tsx'
import { HistoryCard } from './history-card.tsx'
import { sumKept } from './kept-parts.ts'
import { OnlyAdmins } from './only-admins.tsx'
import { PinsCard } from './pins-card.tsx'
import { RepositoriesCard } from './repositories-card.tsx'
import { VerifyCard } from './verify-card.tsx'

const tabs = [
  { name: 'kept', title: 'What is kept' },
  { name: 'goes', title: 'What goes' },
  { name: 'pins', title: 'Pins' },
  { name: 'verify', title: 'Verification' },
  { name: 'backups', title: 'Backups' },
] as const

const everyMs = 10_000
/** After which what is shown is another. */
const aboutSpace: readonly EventKind[] = ['evict', 'disk-high', 'disk-ok', 'verification-failed']

/** What takes the room, what goes to make more, and whether what is kept is sound. */
export function SpacePage({ route }: PageProps) {
  const space = useAnswer<SpaceAnswer>('space', { everyMs })
  useEvents(({ kind }) => {
    if (aboutSpace.includes(kind)) answers.invalidate()
  })
  const chosen = tabs.find(({ name }) => name === route.query.get('view'))?.name ?? 'kept'
  const choose = (name: string) =>
    go(hrefOf('space', '', { view: name === 'kept' ? undefined : name }))
  return (
    <>
      <PageHead title="Space" />
      <div class="cards">
        <DiskCard space={space} />
      </div>
      <Tabs label="Space" tabs={tabs} chosen={chosen} onChoose={choose}>
        <div class="cards">
          <View name={chosen} query={route.query} space={space.data} />
        </div>
      </Tabs>
    </>
  )
}

type ViewProps = {
  readonly name: (typeof tabs)[number]['name']
  readonly query: URLSearchParams
  readonly space: SpaceAnswer | undefined
}

function View({ name, query, space }: ViewProps) {
  switch (name) {
    case 'kept':
      return (
        <>
          <HistoryCard space={space} days={query.get('days')} />
          <RepositoriesCard />
        </>
      )
    case 'goes':
      return <GoesView space={space} after={query.get('after')} />
    case 'pins':
      return <PinsCard />
    case 'verify':
      return (
        <OnlyAdmins title="Verification" what="what was verified">
          <VerifyCard keptBytes={space && sumKept(space.parts)} />
        </OnlyAdmins>
      )
    case 'backups':
      return (
        <OnlyAdmins title="Backups" what="the backups">
          <BackupsCard />
        </OnlyAdmins>
      )
  }
}
