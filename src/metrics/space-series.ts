import type { SpaceState } from '../space/any-space.ts'
import type { Gathered } from './gathered.ts'
import type { Sample, Series } from './series.ts'

/** The disk, what is kept there, and what went. */
export const spaceSeries: readonly Series<Gathered>[] = [
  ofDisk('size_bytes', 'Size of the disk that holds the data folder.', (disk) => disk.totalBytes),
  ofDisk('used_bytes', 'How much of it is in use, by whomever.', (disk) => disk.usedBytes),
  ofDisk('free_bytes', 'How much of it is free for us.', (disk) => disk.freeBytes),
  ofDisk(
    'reserved_bytes',
    'How much of it stays free (space.minFree): with less nothing new is kept.',
    (disk) => disk.keptFreeBytes,
  ),
  ofDisk('high_ratio', 'At which share in use eviction starts (space.high).', (disk) => disk.high),
  ofDisk('low_ratio', 'At which share in use it stops (space.low).', (disk) => disk.low),
  ofKept('blobs', 'Manifests and blobs that are kept.', ({ blobs }) => blobs),
  ofKept('bytes', 'How large they are together.', ({ bytes }) => bytes),
  {
    type: 'counter',
    name: 'evicted_images_total',
    help: 'Images that went to make room.',
    read: ({ counted }) => [[counted.evicted.images]],
  },
  {
    type: 'counter',
    name: 'evicted_bytes_total',
    help: 'How much room was made.',
    read: ({ counted }) => [[counted.evicted.bytes]],
  },
  {
    type: 'counter',
    name: 'store_findings_total',
    help: 'What turned out to be wrong with what is kept, by what became of it.',
    read: ({ counted }) =>
      Object.entries(counted.findings).map(([outcome, count]): Sample => [count, { outcome }]),
  },
  {
    type: 'gauge',
    name: 'store_fault',
    help: 'Whether nothing can be kept at the moment, because the disk is full or fails.',
    read: ({ stores }) => [[Number(stores.health.fault !== undefined)]],
  },
]

function ofDisk(
  what: string,
  help: string,
  read: (disk: SpaceState['disk']) => number,
): Series<Gathered> {
  return {
    type: 'gauge',
    name: `disk_${what}`,
    help,
    read: ({ space }) => (space ? [[read(space.disk)]] : []),
  }
}

function ofKept(
  what: string,
  help: string,
  read: (kept: SpaceState['kept'][number]) => number,
): Series<Gathered> {
  return {
    type: 'gauge',
    name: `kept_${what}`,
    help,
    read: ({ space, counted }) => {
      const sums = new Map<string, number>()
      for (const each of space?.kept ?? []) {
        const label = counted.labels.labelOf(each.upstream)
        sums.set(label, (sums.get(label) ?? 0) + read(each))
      }
      return [...sums].map(([upstream, sum]): Sample => [sum, { upstream }])
    },
  }
}
