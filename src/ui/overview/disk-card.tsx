import type { SpaceAnswer } from '../../answers/space.ts'
import { hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { formatBytes, formatShare } from '../parts/format.ts'
import { PartsBar } from '../parts/meter.tsx'
import { diskParts } from '../space/kept-parts.ts'

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
        parts={diskParts(space)}
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
