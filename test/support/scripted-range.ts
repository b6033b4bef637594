import type { Answer, ReceivedRequest } from './scripted-exchange.ts'

interface Part {
  readonly start: number
  readonly end: number
}

/**
 * The object, or the part of it that the request is for. As RFC 9110 §14.2 lets a server do, it
 * ignores several ranges in one request; it does so for a HEAD too.
 */
export const answerObject = (
  whole: Buffer,
  { method, headers: { range } }: ReceivedRequest,
  headers: Readonly<Record<string, string>>,
): Answer => {
  const part = method === 'GET' ? findPart(range, whole.length) : undefined
  if (!part) return answerPart(whole, { status: 200, headers, body: whole })
  const { start, end } = part
  if (start >= whole.length) {
    const unsatisfied = { ...headers, 'content-range': `bytes */${whole.length}` }
    return answerPart(whole, { status: 416, headers: unsatisfied, body: Buffer.alloc(0) })
  }
  const range206 = { ...headers, 'content-range': `bytes ${start}-${end}/${whole.length}` }
  return answerPart(whole, { status: 206, headers: range206, body: whole.subarray(start, end + 1) })
}

const answerPart = (whole: Buffer, answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'content-length': String(answer.body.length) },
  whole,
})

/** `end` is the last byte within the object; a part that starts beyond it is unsatisfiable. */
const findPart = (range: string | undefined, size: number): Part | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size - 1 }
  if (last === '') return { start: Number(first), end: size - 1 }
  if (Number(last) < Number(first)) return undefined
  return { start: Number(first), end: Math.min(Number(last), size - 1) }
}
