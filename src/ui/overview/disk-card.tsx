import type { SpaceAnswer } from '../../answers/space.ts'
import { hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { formatBytes, formatShare } from '../parts/format.ts'
import { type MeterPart, PartsBar } from '../parts/meter.tsx'

/** What lies on the disk, and where eviction begins and ends. */
export function DiskCard({ space }: { readonly space: SpaceAnswer | undefined }) {
  const link = <a href={hrefOf('space')}>Space</a>
  return (
    <Card title="Disk" class="disk" aside={link}>
      {space && <Disk space={space} />}
    </Card>
  )
}

function Disk({ space }: { readonly space: SpaceAnswer }) {
  const { disk } = space
  const marks = [
    { name: `down to ${formatShare(disk.low)}`, share: disk.low },
    { name: `evicts from ${formatShare(disk.high)}`, share: disk.high },
  ]
  return (
    <>
      <PartsBar
        label="What lies on the disk"
        parts={partsOf(space)}
        total={disk.totalBytes}
        format={formatBytes}
        marks={marks}
      />
      <p class="muted">
        Images go by themselves, the coldest first, from {formatShare(disk.high)} in use down to{' '}
        {formatShare(disk.low)}: the dashed lines.
      </p>
    </>
  )
}

/** Each byte of the disk once; what the server doesn't know are other files. */
function partsOf({ disk, kept, parts }: SpaceAnswer): readonly MeterPart[] {
  const keptBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0)
  const own = parts
    ? [
        { name: 'Pushed here', value: parts.hostedBytes, color: 'pushed' },
        { name: 'Pinned', value: parts.pinnedBytes, color: 'pinned' },
        { name: 'Mirrored', value: parts.mirroredBytes, color: 'cache' },
        { name: 'Needed by nobody', value: parts.reclaimableBytes, color: 'reclaimable' },
      ]
    : [{ name: 'Kept', value: keptBytes, color: 'cache' }]
  const known = own.reduce((sum, { value }) => sum + value, 0)
  return [
    ...own,
    { name: 'Other files', value: Math.max(disk.usedBytes - known, 0), color: 'other' },
    { name: 'Free', value: disk.freeBytes, color: 'free' },
  ]
}
