const [quotationMark, backslash] = [0x22, 0x5c]
const [openBracket, closeBracket] = [0x5b, 0x5d]
const [openBrace, closeBrace] = [0x7b, 0x7d]

type Limits = {
  /** Lists and objects within each other. */
  readonly depth: number
  /** Lists and objects in all. */
  readonly count: number
}

/**
 * Whether a text in JSON has more lists and objects than it may, in all or within each other: found out
 * in a fraction of the time that reading it takes, which is what they are limited for. What is no JSON
 * is for the reader to refuse.
 */
export function exceeds(bytes: Uint8Array, limits: Limits): 'depth' | 'count' | undefined {
  let depth = 0
  let count = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quotationMark) at = endOfString(bytes, at)
    else if (byte === openBracket || byte === openBrace) {
      if (++depth > limits.depth) return 'depth'
      if (++count > limits.count) return 'count'
    } else if (byte === closeBracket || byte === closeBrace) depth--
  }
  return undefined
}

/** Where its last quotation mark is, or the end of all. */
function endOfString(bytes: Uint8Array, start: number): number {
  let end = start
  do {
    end = bytes.indexOf(quotationMark, end + 1)
    if (end < 0) return bytes.length
  } while (isEscaped(bytes, end))
  return end
}

/** Behind an odd number of backslashes. */
function isEscaped(bytes: Uint8Array, at: number): boolean {
  let first = at
  while (bytes[first - 1] === backslash) first--
  return (at - first) % 2 === 1
}
