import type { ByteRange } from '../oci/byte-range.ts'
import type { BlobReader } from '../store/blob-store.ts'
import type { BlobAnswer } from '../upstream/blob-answer.ts'

type Settings = {
  readonly range: ByteRange
  readonly sizeBytes: number
  readonly onClose: () => void
}

/** A client that takes nothing for so long gives the connection back; it may resume with another Range. */
const unreadAfterMs = 30_000

/**
 * Reads a part of a blob straight from upstream, in order, without keeping it: for a Range so far
 * ahead of the fetch that waiting for it would take too long.
 */
export function openRangeReader(
  answer: BlobAnswer,
  { range, sizeBytes, onClose }: Settings,
): BlobReader {
  const chunks = answer.chunks[Symbol.asyncIterator]()
  let next = range.start
  let rest: Uint8Array = new Uint8Array(0)
  const close = async () => {
    clearTimeout(unread)
    answer.destroy()
    onClose()
  }
  const unread = setTimeout(close, unreadAfterMs).unref()
  return {
    sizeBytes,
    read: async (buffer, position) => {
      unread.refresh()
      if (position !== next) throw new Error(`read at ${position} where only ${next} can follow`)
      if (next > range.end) return 0
      while (rest.length === 0) {
        const chunk = await chunks.next()
        if (chunk.done) throw new Error(`upstream's part ended at ${next} of ${range.end}`)
        rest = chunk.value
      }
      const length = Math.min(rest.length, buffer.length)
      buffer.set(rest.subarray(0, length))
      rest = rest.subarray(length)
      next += length
      return length
    },
    close,
  }
}
