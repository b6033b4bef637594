import type { SpaceAnswer, SpaceParts } from '../../answers/space.ts'
import type { SeriesColor } from '../parts/chart-colors.ts'

export type DiskPart = {
  readonly name: string
  readonly value: number
  readonly color: SeriesColor | 'free'
}

/** The bottom of a stack first. */
export const keptParts: readonly {
  readonly key: keyof SpaceParts
  readonly name: string
  readonly color: SeriesColor
}[] = [
  { key: 'hostedBytes', name: 'Pushed here', color: 'pushed' },
  { key: 'pinnedBytes', name: 'Mirrored, pinned', color: 'pinned' },
  { key: 'mirroredBytes', name: 'Mirrored, may go', color: 'cache' },
  { key: 'reclaimableBytes', name: 'Nobody needs', color: 'reclaimable' },
]

export function sumKept(parts: SpaceParts): number {
  return keptParts.reduce((sum, { key }) => sum + parts[key], 0)
}

/** What on the disk isn't ours; nothing where it keeps our files smaller than they are. */
export function otherBytes(parts: SpaceParts, usedBytes: number): number {
  return Math.max(0, usedBytes - sumKept(parts))
}

/** All of the disk: together its total. */
export function diskParts({ disk, parts }: SpaceAnswer): readonly DiskPart[] {
  const kept = keptParts.map(({ key, name, color }) => ({ name, color, value: parts[key] }))
  return [
    ...kept,
    { name: 'Other files', color: 'other', value: otherBytes(parts, disk.usedBytes) },
    { name: 'Free', color: 'free', value: disk.freeBytes },
  ]
}
