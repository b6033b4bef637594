import type { ImageAnswer, ImageOrder } from '../../answers/images.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes, Count } from '../parts/bytes.tsx'
import { formatBytes, formatCount, formatExactBytes, shortDigest } from '../parts/format.ts'
import { Sparkline } from '../parts/sparkline.tsx'
import type { Column } from '../parts/table-props.ts'
import { Ago } from '../parts/when.tsx'
import { CopyButton } from './copying.tsx'

type TagColumn = Column<ImageAnswer> & { readonly name: ImageOrder | 'digest' }

/** Further ones are counted. */
const mostPlatforms = 3

type Settings = { readonly now: number; readonly onCopy: (text: string) => void }

/** The tag has what room the others leave. */
export function tagColumns(repository: string, settings: Settings): readonly TagColumn[] {
  return [
    {
      name: 'tag',
      title: 'Tag',
      isSortable: true,
      cell: ({ tag, pinned, platforms, created }) => (
        <span class="two-lines">
          <span class="named-row">
            <a class="row-name" href={hrefOf('image', `${repository}:${tag}`)} title={tag}>
              {tag}
            </a>
            {pinned && <Badge kind="plain">pinned</Badge>}
          </span>
          <small class="muted">
            <span title={platforms.join(', ')}>{describePlatforms(platforms)}</span>
            {created !== undefined && (
              <span class="minor">
                , made <Ago at={created} now={settings.now} />
              </span>
            )}
          </small>
        </span>
      ),
    },
    ...otherColumns(settings),
  ]
}

const otherColumns = ({ now, onCopy }: Settings): readonly TagColumn[] => [
  {
    name: 'digest',
    title: 'Digest',
    width: '10.5rem',
    isMinor: true,
    cell: ({ digest }) => (
      <span class="named-row">
        <code title={digest}>{shortHex(digest)}</code>
        <CopyButton text={digest} label={`the digest ${shortHex(digest)}`} onCopy={onCopy} />
      </span>
    ),
  },
  {
    name: 'size',
    title: 'Size',
    help: 'With all its layers, of several platforms those that are kept; and what no other image needs of it',
    width: '9rem',
    isNumber: true,
    isSortable: true,
    cell: ({ size, ownSize }) => (
      <span class="two-lines">
        <Bytes value={size} />
        <small class="muted" title={`${formatExactBytes(ownSize)} that no other image needs`}>
          {formatBytes(ownSize)} only it
        </small>
      </span>
    ),
  },
  {
    name: 'stored',
    title: 'Stored',
    help: 'When it first came here; and when its upstream last said what the tag means',
    width: '10.5rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ stored, checked }) => (
      <span class="two-lines">
        <Ago at={stored} now={now} unknown="it came through another repository" />
        {checked !== undefined && (
          <small class="muted">
            checked <Ago at={checked} now={now} />
          </small>
        )}
      </span>
    ),
  },
  {
    name: 'pulled',
    title: 'Last pulled',
    width: '9.5rem',
    isNumber: true,
    isSortable: true,
    cell: ({ lastPull }) => <Ago at={lastPull} now={now} />,
  },
  {
    name: 'pulls',
    title: 'Pulls, 30 days',
    width: '11rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ pulls, pullsByDay }) => (
      <span class="tag-pulls">
        {pulls > 0 && <Sparkline values={pullsByDay} label={describePulls(pulls, pullsByDay)} />}
        <Count value={pulls} />
      </span>
    ),
  },
]

function describePulls(pulls: number, byDay: readonly number[]): string {
  const most = Math.max(...byDay)
  return `${formatCount(pulls)} pulls in 30 days, at most ${formatCount(most)} on one of them`
}

/** `amd64 · arm64 · arm/v7 +2`: nearly all run on Linux. */
function describePlatforms(platforms: readonly string[]): string {
  const further = platforms.length - mostPlatforms
  const names = platforms.slice(0, mostPlatforms).map((each) => each.replace(/^linux\//, ''))
  return `${names.join(' · ')}${further > 0 ? ` +${further}` : ''}`
}

/** `0123456789ab`: the algorithm stands in the whole one, on hover and as it is copied. */
function shortHex(digest: string): string {
  return shortDigest(digest).slice(digest.indexOf(':') + 1)
}
