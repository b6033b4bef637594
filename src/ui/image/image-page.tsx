import './image.css'
import type { ImageAnswer } from '../../answers/image.ts'
import { type ApiError, withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery, hrefOf } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { ImageActions } from './actions/image-actions.tsx'
import { AttachedTab } from './attached-tab.tsx'
import { ConfigTab } from './config-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { joinImage, splitImage } from './image-name.ts'
import { LayersTab } from './layers-tab.tsx'
import { PlatformChoice } from './platform-choice.tsx'
import { PlatformsTab } from './platforms-tab.tsx'
import { PullCommands } from './pull-commands.tsx'
import { RawTab } from './raw-tab.tsx'
import { Summary } from './summary.tsx'

/** `#/image/docker.io/library/node:20`: what it is, what it consists of, and what can be done to it. */
export function ImagePage({ route }: PageProps) {
  const { rest, query } = route
  const platform = query.get('platform') ?? undefined
  const wanted = splitImage(rest)
  const path = withQuery('image', { name: joinImage(wanted.name, wanted.reference), platform })
  const { data, error, isOld, retry } = useAnswer<ImageAnswer>(rest === '' ? undefined : path)
  const image = data && isSame(data, wanted.name) ? data : undefined
  if (rest === '') return <NoImage />
  return (
    <>
      <PageHead title={rest}>
        <a class="button" href={hrefOf('images', image?.name ?? wanted.name)}>
          All tags
        </a>
        <a class="button" href={hrefOf('compare', '', { a: rest })}>
          Compare
        </a>
      </PageHead>
      {error && <Failed error={error} retry={retry} isKnown={image !== undefined} />}
      {!image && !error && <Waiting what="the image" />}
      {image && <Shown image={image} isOld={isOld} isGone={error?.status === 404} route={route} />}
    </>
  )
}

/** While another one is on its way the last one is still there. */
function isSame({ name }: ImageAnswer, wanted: string): boolean {
  return name === wanted || name.endsWith(`/${wanted}`)
}

type ShownProps = PageProps & {
  readonly image: ImageAnswer
  readonly isOld: boolean
  readonly isGone: boolean
}

function Shown({ image, isOld, isGone, route: { rest, query } }: ShownProps) {
  const { name, digest, manifests, shown } = image
  const wanted = splitImage(rest)
  const tag = wanted.isDigest ? undefined : wanted.reference
  const platform = query.get('platform') ?? undefined
  return (
    <div aria-busy={isOld} class="image-shown">
      <ImageActions
        images={[joinImage(name, wanted.reference)]}
        image={image}
        hosted={image.hosted}
        may={image.may}
        isGone={isGone}
      />
      <div class="cards">
        <PullCommands name={name} tag={tag} digest={digest} />
        <Summary image={image} />
      </div>
      {manifests.length > 0 && <PlatformChoice image={image} />}
      <Tabs
        label="Parts of the image"
        tabs={tabs}
        chosen={tabOf(query.get('tab'))}
        onChoose={(tab) => changeQuery({ tab }, { replace: true })}
      >
        <ShownTab
          tab={tabOf(query.get('tab'))}
          image={image}
          raw={{ name, shown, platform, image: `${name}@${digest}`, chosen: query.get('of') }}
        />
      </Tabs>
    </div>
  )
}

const tabs = [
  { name: 'layers', title: 'Layers' },
  { name: 'config', title: 'Configuration' },
  { name: 'history', title: 'History' },
  { name: 'platforms', title: 'Platforms' },
  { name: 'attached', title: 'Attached' },
  { name: 'raw', title: 'Raw' },
] as const
type TabName = (typeof tabs)[number]['name']

function tabOf(text: string | null): TabName {
  return tabs.find(({ name }) => name === text)?.name ?? 'layers'
}

type TabProps = {
  readonly tab: TabName
  readonly image: ImageAnswer
  readonly raw: Parameters<typeof RawTab>[0]
}

function ShownTab({ tab, image, raw }: TabProps) {
  if (tab === 'config') return <ConfigTab image={image} />
  if (tab === 'history') return <HistoryTab image={image} />
  if (tab === 'platforms') return <PlatformsTab image={image} />
  if (tab === 'attached') return <AttachedTab image={image} />
  if (tab === 'raw') return <RawTab {...raw} />
  return <LayersTab image={image} />
}

const goneText = 'It isn’t here any more: it was deleted or evicted. What it was is still shown.'

function Failed({
  error,
  retry,
  isKnown,
}: {
  readonly error: ApiError
  readonly retry: () => void
  readonly isKnown: boolean
}) {
  const isGone = isKnown && error.status === 404
  if (isGone) return <Fault error={new Error(goneText)} retry={retry} />
  if (isKnown) return <Fault error={error} retry={retry} />
  return (
    <>
      <Wall error={error} retry={retry} what="the image" />
      <p>
        <a href={hrefOf('images')}>See what is kept here</a>
      </p>
    </>
  )
}

function NoImage() {
  return (
    <>
      <PageHead title="Image" />
      <Empty title="The address names no image.">
        <a href={hrefOf('images')}>Choose one</a>
      </Empty>
    </>
  )
}
