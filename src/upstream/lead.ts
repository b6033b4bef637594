import { pieceBytes } from './blob-leg.ts'

/**
 * The first piece ahead begins so far before the reader of an open-ended answer that the two run
 * side by side for long enough to be measured: then that answer is broken off.
 */
const leadMs = 1_200
const mostLeadBytes = 24 * 1024 * 1024
const leastLeadBytes = 256 * 1024

/** How far before the reader of an open-ended answer the first piece ahead begins, at its rate. */
export function leadBytes(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return pieceBytes
  const bytes = Math.round((bytesPerSecond * leadMs) / 1000)
  return Math.min(mostLeadBytes, Math.max(leastLeadBytes, bytes))
}
