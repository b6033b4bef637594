import type { ImageAnswer, ImageOrder } from '../../answers/images.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes, Count } from '../parts/bytes.tsx'
import { Copy } from '../parts/copy.tsx'
import { formatCount, shortDigest } from '../parts/format.ts'
import { Sparkline } from '../parts/sparkline.tsx'
import type { Column } from '../parts/table-props.ts'
import { When } from '../parts/when.tsx'

type TagColumn = Column<ImageAnswer> & {
  readonly name: ImageOrder | 'platforms' | 'digest' | 'own' | 'checked'
}

/** Further ones are counted. */
const mostPlatforms = 2

/** The tag has what room the others leave. */
export function tagColumns(repository: string): readonly TagColumn[] {
  return [
    {
      name: 'tag',
      title: 'Tag',
      isSortable: true,
      cell: ({ tag, pinned }) => (
        <span class="tag-name">
          <a class="row-name" href={hrefOf('image', `${repository}:${tag}`)} title={tag}>
            {tag}
          </a>{' '}
          {pinned && <Badge kind="plain">pinned</Badge>}
        </span>
      ),
    },
    ...otherColumns,
  ]
}

const otherColumns: readonly TagColumn[] = [
  {
    name: 'platforms',
    title: 'Platforms',
    width: '13rem',
    isMinor: true,
    cell: ({ platforms }) => <Platforms platforms={platforms} />,
  },
  {
    name: 'digest',
    title: 'Digest',
    width: '12.5rem',
    isMinor: true,
    cell: ({ digest }) => (
      <>
        <code title={digest}>{shortDigest(digest)}</code>{' '}
        <Copy text={digest} label={`the digest ${shortDigest(digest)}`} />
      </>
    ),
  },
  {
    name: 'size',
    title: 'Size',
    help: 'With all its layers; of several platforms those that are kept',
    width: '6rem',
    isNumber: true,
    isSortable: true,
    cell: ({ size }) => <Bytes value={size} />,
  },
  {
    name: 'own',
    title: 'Only it',
    help: 'What no other image needs: so much becomes free once it is gone',
    width: '6rem',
    isNumber: true,
    isMinor: true,
    cell: ({ ownSize }) => <Bytes value={ownSize} />,
  },
  {
    name: 'stored',
    title: 'Stored',
    help: 'When it first came here',
    width: '8rem',
    isNumber: true,
    isSortable: true,
    isMinor: true,
    cell: ({ stored }) => <When at={stored} unknown="it came through another repository" />,
  },
  {
    name: 'pulled',
    title: 'Last pulled',
    width: '8.5rem',
    isNumber: true,
    isSortable: true,
    cell: ({ lastPull }) => <When at={lastPull} />,
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
        {pulls > 0 && (
          <Sparkline
            values={pullsByDay}
            label={`Pulls by day: ${formatCount(pulls)} in 30 days, ${formatCount(Math.max(...pullsByDay))} at most on one`}
          />
        )}
        <Count value={pulls} />
      </span>
    ),
  },
  {
    name: 'checked',
    title: 'Checked',
    help: 'When its upstream last said what the tag means',
    width: '8rem',
    isNumber: true,
    isMinor: true,
    cell: ({ checked }) => <When at={checked} unknown="pushed here: there is nobody to ask" />,
  },
]

function Platforms({ platforms }: Pick<ImageAnswer, 'platforms'>) {
  const further = platforms.length - mostPlatforms
  return (
    <span class="platforms" title={platforms.join(', ')}>
      {platforms.slice(0, mostPlatforms).map((platform) => (
        <Badge key={platform} kind="plain">
          {platform}
        </Badge>
      ))}
      {further > 0 && <Badge kind="plain">+{further}</Badge>}
    </span>
  )
}
