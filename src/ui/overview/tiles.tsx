import type { SpaceAnswer } from '../../answers/space.ts'
import type { Report } from '../../traffic/any-reports.ts'
import { hrefOf } from '../frame/route.ts'
import { Bytes, Count } from '../parts/bytes.tsx'
import { formatBytes, formatCount, formatDuration, formatShare } from '../parts/format.ts'
import { Progress } from '../parts/meter.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { Tile } from '../parts/tile.tsx'
import type { Range } from './ranges.ts'
import { cachedPercent, compare, type Slot } from './slots.ts'

type Props = {
  readonly range: Range
  readonly report: Report
  readonly slots: readonly Slot[]
  /** Of as long, before that; undefined until it is there. */
  readonly before: Report | undefined
  readonly space: SpaceAnswer | undefined
}

/** Four numbers that say what it did, each with a way to what is behind it. */
export function Tiles({ range, report, slots, before, space }: Props) {
  const { totals } = report
  const { title, name } = range
  const toTraffic = hrefOf('traffic', '', { range: name })
  return (
    <div class="tiles overview-tiles">
      <Tile
        title="Pulls served"
        href={toTraffic}
        value={<Count value={totals.pulls} />}
        detail={
          <span title={`the ${title} before: ${wordFor(before)}`}>
            {compare(totals.pulls, before?.totals.pulls)}
          </span>
        }
      >
        <Sparkline
          values={slots.map(({ pulls }) => pulls)}
          label={`Pulls over the last ${title}`}
        />
      </Tile>
      <Tile
        title="From cache"
        href={toTraffic}
        value={shareOf(totals.byteHitRatio)}
        detail={cachedPulls(report)}
      >
        <Sparkline
          values={slots.map(cachedPercent)}
          most={100}
          label={`Share of bytes from cache over the last ${title}`}
        />
      </Tile>
      <Tile
        title="Not downloaded again"
        href={toTraffic}
        value={<Bytes value={Math.max(totals.savedBytes, 0)} />}
        detail={savedWords(report)}
      >
        <Sparkline
          values={slots.map(({ savedBytes }) => Math.max(savedBytes, 0))}
          label={`Bytes not downloaded again over the last ${title}`}
        />
      </Tile>
      <DiskTile space={space} />
    </div>
  )
}

function wordFor(before: Report | undefined): string {
  return before ? formatCount(before.totals.pulls) : 'not known yet'
}

function DiskTile({ space }: Pick<Props, 'space'>) {
  const disk = space?.disk
  const share = disk && disk.usedBytes / disk.totalBytes
  return (
    <Tile
      title="Disk"
      href={hrefOf('space')}
      value={shareOf(share)}
      detail={disk && `${formatBytes(disk.usedBytes)} of ${formatBytes(disk.totalBytes)} in use`}
    >
      {share !== undefined && <Progress label="Disk in use" share={share} />}
    </Tile>
  )
}

function shareOf(share: number | undefined): string | undefined {
  return share === undefined ? undefined : formatShare(share)
}

function cachedPulls({ totals }: Report): string {
  const { mirroredPulls, cachedPulls: cached } = totals
  if (mirroredPulls === 0) return 'nothing was mirrored'
  return `of bytes; ${formatCount(cached)} of ${formatCount(mirroredPulls)} pulls`
}

/** What that is worth, in what people pay with. */
function savedWords({ totals }: Report): string {
  const { savedBytes, savedMs, dockerHub, money } = totals
  if (savedBytes <= 0) return 'what is pulled again counts'
  const worth = [
    savedMs !== undefined && savedMs >= 1_000 && `≈ ${formatDuration(savedMs)}`,
    dockerHub.avoided > 0 && `${formatCount(dockerHub.avoided)} Docker Hub pulls`,
    money && money.amount >= 0.01 && `${money.amount.toFixed(2)} ${money.currency}`,
  ].filter(Boolean)
  return worth.join(', ') || 'bytes served less bytes fetched'
}
