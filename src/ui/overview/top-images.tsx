import type { Report } from '../../traffic/any-reports.ts'
import { hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { formatBytes, formatCount, formatShare } from '../parts/format.ts'
import type { Range } from './ranges.ts'

type Props = {
  readonly range: Range
  /** By image. */
  readonly report: Report | undefined
}

/** What was pulled most. */
export function TopImages({ range, report }: Props) {
  const rows = (report?.rows ?? [])
    .filter(({ image, pulls }) => image && pulls > 0)
    .toSorted((one, other) => other.pulls - one.pulls)
  const most = rows[0]?.pulls ?? 1
  const link = <a href={hrefOf('traffic', '', { range: range.name, by: 'image' })}>Traffic</a>
  return (
    <Card title="Top images" class="top-images" aside={link}>
      {report && rows.length === 0 && (
        <p>
          No pulls in the last {range.title}. <LongerRange range={range} />
        </p>
      )}
      <ol class="ranking">
        {rows.map(({ image = '', pulls, servedBytes, byteHitRatio }) => (
          <li key={image}>
            <a class="ranking-name" href={hrefOfImage(image)} title={image}>
              {image}
            </a>
            <span class="number" title={`${formatBytes(servedBytes)} served`}>
              {formatCount(pulls)}
            </span>
            <span class="ranking-bar" aria-hidden="true">
              <span data-color="cache" style={{ width: `${(pulls / most) * 100}%` }} />
            </span>
            <span class="muted number">
              {byteHitRatio === undefined ? 'own' : `${formatShare(byteHitRatio)} cached`}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  )
}

function LongerRange({ range }: Pick<Props, 'range'>) {
  if (range.name === '30d') return null
  return <a href={hrefOf('', '', { range: '30d' })}>Look at 30 days</a>
}

/** What was pulled by digest alone has no tag: then it is all of its repository. */
function hrefOfImage(image: string): string {
  return /:[^/]+$/.test(image) ? hrefOf('image', image) : hrefOf('images', image)
}
