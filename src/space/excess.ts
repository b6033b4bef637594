import { pushedHere } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { DiskUse } from '../store/disk-room.ts'
import type { Usage } from '../store/space-records.ts'

/** What mirrors.yaml says of space. Shares are 0 to 1. */
export type Limits = {
  readonly high: number
  readonly low: number
  readonly maxSizeBytes: number | undefined
  readonly minFreeBytes: number
  /** Undefined stands for no limit. */
  readonly maxBytesOf: (upstream: UpstreamName) => number | undefined
}

/** What is to go. */
export type Excess = {
  readonly bytes: number
  /** Only what came from there. */
  readonly upstream: UpstreamName | undefined
  /** In words. */
  readonly reason: string
  /** Whether it is the disk that is full, which others may have filled. */
  readonly isOfDisk: boolean
}

/** Of a small disk no more than this is kept free, unless somebody wants more than is usual. */
const mostFreeShare = 0.05
const usuallyFreeBytes = 2 ** 30

/** How much of the disk stays free. */
export function keptFree(
  { minFreeBytes }: Pick<Limits, 'minFreeBytes'>,
  { totalBytes }: DiskUse,
): number {
  if (minFreeBytes > usuallyFreeBytes) return minFreeBytes
  return Math.min(minFreeBytes, Math.floor(totalBytes * mostFreeShare))
}

/** What was mirrored: the rest isn't to be evicted. */
export function sumMirrored(usage: readonly Usage[]): number {
  return usage
    .filter(({ upstream }) => upstream !== pushedHere)
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

/** By what is to go, if anything is; the limits of single upstreams first. */
export function findExcess(
  limits: Limits,
  { use, usage }: { readonly use: DiskUse; readonly usage: readonly Usage[] },
): readonly Excess[] {
  const found = usage.map(({ upstream, bytes }) => ofUpstream(limits, upstream, bytes))
  found.push(ofCache(limits, sumMirrored(usage)), ofDisk(limits, use))
  return found.filter((excess) => excess !== undefined)
}

function ofUpstream(
  { high, low, maxBytesOf }: Limits,
  upstream: UpstreamName,
  bytes: number,
): Excess | undefined {
  const most = upstream === pushedHere ? undefined : maxBytesOf(upstream)
  if (most === undefined || bytes <= most) return undefined
  const reason = `what is kept of ${upstream} is more than its maxSize`
  return { bytes: bytes - most * (low / high), upstream, reason, isOfDisk: false }
}

/** As far below its limit as `low` is below `high`. */
function ofCache({ high, low, maxSizeBytes }: Limits, bytes: number): Excess | undefined {
  if (maxSizeBytes === undefined || bytes <= maxSizeBytes) return undefined
  const reason = 'what is kept is more than space.maxSize'
  const toGo = bytes - maxSizeBytes * (low / high)
  return { bytes: toGo, upstream: undefined, reason, isOfDisk: false }
}

function ofDisk(limits: Limits, use: DiskUse): Excess | undefined {
  const { high, low } = limits
  const { totalBytes, usedBytes, freeBytes } = use
  const toGo = usedBytes - totalBytes * low
  const of = { upstream: undefined, isOfDisk: true }
  if (usedBytes > totalBytes * high) {
    const share = Math.round((usedBytes / totalBytes) * 100)
    const reason = `the disk was ${share} % full, and space.high is ${Math.round(high * 100)} %`
    return { ...of, bytes: toGo, reason }
  }
  const kept = keptFree(limits, use)
  if (freeBytes >= kept) return undefined
  const reason = 'less of the disk was free than space.minFree'
  return { ...of, bytes: kept - freeBytes + totalBytes * (high - low), reason }
}
