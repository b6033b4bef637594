/** Of a piece that is fetched ahead; smaller ones would cost more requests. */
export const leastPieceBytes = 2 * 1024 * 1024
/** Larger ones would fill the memory. */
const mostPieceBytes = 4 * 1024 * 1024
/** What is gathered ahead is lost when the process dies: of a blob as large as so many pieces, that is little. */
const leastBlobPieces = 128
/** So much of a blob, with what waits for the disk, is less than a twentieth of it. */
const mostAheadShare = 1 / 24
/** Enough for six connections, of which the first is being read. */
const leastAheadBytes = 11 * 1024 * 1024
/** A piece takes so long, if it may be as large: before each there is a round trip without bytes. */
const pieceMs = 250

/**
 * The first piece ahead begins so far before the reader of an open-ended answer that the two run
 * side by side for long enough to be measured: then that answer is broken off.
 */
const leadMs = 1_200
const mostLeadBytes = 24 * 1024 * 1024
const leastLeadBytes = 256 * 1024

/** How large a piece is at the rate of its connection, of a blob of so many bytes. */
export function pieceBytesAt(bytesPerSecond: number | undefined, blobBytes: number): number {
  const isFast = ((bytesPerSecond ?? 0) * pieceMs) / 1000 >= mostPieceBytes
  const isSmallPart = mostPieceBytes * leastBlobPieces <= blobBytes
  return isFast && isSmallPart ? mostPieceBytes : leastPieceBytes
}

/** So much of a blob of so many bytes may be gathered that its reader hasn't got to. */
export function mostAheadBytesOf(blobBytes: number): number {
  return Math.max(leastAheadBytes, Math.floor(blobBytes * mostAheadShare))
}

/** How far before the reader of an open-ended answer the first piece ahead begins, at its rate. */
export function leadBytesAt(bytesPerSecond: number | undefined): number {
  if (bytesPerSecond === undefined) return leastPieceBytes
  const bytes = Math.round((bytesPerSecond * leadMs) / 1000)
  return Math.min(mostLeadBytes, Math.max(leastLeadBytes, bytes))
}
