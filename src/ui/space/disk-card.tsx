import type { SpaceAnswer } from '../../answers/space.ts'
import type { Answered } from '../api/use-answer.ts'
import { Wall } from '../frame/wall.tsx'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { formatBytes, formatShare } from '../parts/format.ts'
import { PartsBar } from '../parts/meter.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { diskParts, sumKept } from './kept-parts.ts'

/** How full the disk is, and of what. */
export function DiskCard({ space }: { readonly space: Answered<SpaceAnswer> }) {
  const { data, error, retry } = space
  return (
    <Card title="The disk" class="wide space-disk" aside={data && <DiskState space={data} />}>
      {error && <Wall error={error} retry={retry} what="how full the disk is" />}
      {space.isWaiting && <Waiting what="the disk" />}
      {data && <Disk space={data} />}
    </Card>
  )
}

function Disk({ space }: { readonly space: SpaceAnswer }) {
  const { disk } = space
  const parts = diskParts(space)
  const total = parts.reduce((sum, { value }) => sum + value, 0)
  const marks = [
    { name: `Images begin to go at ${formatShare(disk.high)}`, share: disk.high },
    { name: `… until it is down to ${formatShare(disk.low)}`, share: disk.low },
  ]
  const label = `${formatBytes(disk.usedBytes)} of ${formatBytes(disk.totalBytes)} in use`
  return (
    <>
      <p class="space-lead">
        <strong>{label}</strong>, {formatBytes(sumKept(space.parts))} of it kept here. {rule(space)}
      </p>
      <PartsBar label={label} parts={parts} total={total} format={formatBytes} marks={marks} />
    </>
  )
}

function rule({ disk }: SpaceAnswer): string {
  const [high, low] = [formatShare(disk.high), formatShare(disk.low)]
  const leftBytes = disk.totalBytes * disk.high - disk.usedBytes
  return leftBytes > 0
    ? `From ${high} on (${formatBytes(leftBytes)} more), images go until it is down to ${low}.`
    : `That is over ${high}: images go until it is down to ${low}.`
}

function DiskState({ space: { disk } }: { readonly space: SpaceAnswer }) {
  const share = disk.totalBytes > 0 ? disk.usedBytes / disk.totalBytes : 0
  if (disk.freeBytes < disk.keptFreeBytes)
    return <Badge kind="error">nothing new is kept: too little is free</Badge>
  if (share >= disk.high)
    return <Badge kind="warning">{formatShare(share)} full: making room</Badge>
  return <Badge kind="ok">{formatShare(share)} full</Badge>
}
