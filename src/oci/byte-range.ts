/** Inclusive at both ends, within the content. */
export type ByteRange = { readonly start: number; readonly end: number }

export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }

const specPattern = /^\s*(\d*)-(\d*)\s*$/
/** RFC 9110 §14.2 lets a server ignore what looks like an attack: many ranges, or more bytes than the whole. */
const maxRanges = 256

/**
 * Reads a Range header against content of `size` bytes (RFC 9110 §14.1.2). What isn't understood
 * is ignored and gives the whole. `500-0` is unsatisfiable, as registries' conformance suite wants,
 * where the RFC would let it be ignored.
 */
export function parseRange(header: string | undefined, size: number): RangeRequest {
  const whole: RangeRequest = { kind: 'whole' }
  if (!header || !/^bytes=/i.test(header)) return whole
  const specs = header.slice('bytes='.length).split(',', maxRanges + 1)
  if (specs.length > maxRanges) return whole
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const [, first, last] = specPattern.exec(spec) ?? []
    if (first === undefined || last === undefined || (first === '' && last === '')) return whole
    const range = resolve(first, last, size)
    if (range) ranges.push(range)
  }
  if (ranges.length === 0) return { kind: 'unsatisfiable' }
  if (ranges.length > 1 && totalLength(ranges) > size) return whole
  return { kind: 'ranges', ranges }
}

function resolve(first: string, last: string, size: number): ByteRange | undefined {
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start <= end ? { start, end } : undefined
}

export function rangeLength(range: ByteRange): number {
  return range.end - range.start + 1
}

function totalLength(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, range) => sum + rangeLength(range), 0)
}

/** `bytes 0-9/100` (RFC 9110 §14.4); the total is always a number, since SOCI and stargz refuse `*`. */
export function formatContentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end}/${size}`
}

/** Undefined unless the header is well-formed and names a total. */
export function parseContentRange(
  header: string | undefined,
): { readonly range: ByteRange; readonly size: number } | undefined {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/i.exec(header?.trim() ?? '') ?? []
  if (start === undefined) return undefined
  const content = { range: { start: Number(start), end: Number(end) }, size: Number(size) }
  const isValid = content.range.start <= content.range.end && content.range.end < content.size
  return isValid ? content : undefined
}
