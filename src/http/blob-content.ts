import { randomUUID } from 'node:crypto'
import { type ByteRange, formatContentRange, rangeLength } from '../oci/byte-range.ts'

/** A piece of a blob in an answer's body, with what goes before it. */
export type Part = { readonly range: ByteRange; readonly preamble?: string }

/** What is sent of a blob. */
export type BlobContent = {
  readonly status: 200 | 206
  readonly headers: Readonly<Record<string, string>>
  readonly contentLength: number
  readonly parts: readonly Part[]
  readonly closing?: string
}

const blobType = 'application/octet-stream'

export function wholeContent(sizeBytes: number): BlobContent {
  const parts = sizeBytes === 0 ? [] : [{ range: { start: 0, end: sizeBytes - 1 } }]
  return { status: 200, headers: { 'Content-Type': blobType }, contentLength: sizeBytes, parts }
}

/**
 * One range (RFC 9110 §15.3.7.1), or several as multipart/byteranges (§15.3.7.2). One part for
 * several ranges would break containers/image, so it's always all of them.
 */
export function rangeContent(ranges: readonly ByteRange[], sizeBytes: number): BlobContent {
  const [range, ...others] = ranges
  if (!range || others.length > 0) return multipartContent(ranges, sizeBytes)
  const contentRange = formatContentRange(range, sizeBytes)
  return {
    status: 206,
    headers: { 'Content-Type': blobType, 'Content-Range': contentRange },
    contentLength: rangeLength(range),
    parts: [{ range }],
  }
}

function multipartContent(ranges: readonly ByteRange[], sizeBytes: number): BlobContent {
  const boundary = randomUUID()
  const parts = ranges.map((range) => ({ range, preamble: partHead(boundary, range, sizeBytes) }))
  const closing = `\r\n--${boundary}--\r\n`
  const lengths = parts.map((part) => part.preamble.length + rangeLength(part.range))
  return {
    status: 206,
    headers: { 'Content-Type': `multipart/byteranges; boundary=${boundary}` },
    contentLength: lengths.reduce((sum, length) => sum + length, closing.length),
    parts,
    closing,
  }
}

function partHead(boundary: string, range: ByteRange, sizeBytes: number): string {
  const contentRange = formatContentRange(range, sizeBytes)
  return `\r\n--${boundary}\r\nContent-Type: ${blobType}\r\nContent-Range: ${contentRange}\r\n\r\n`
}
