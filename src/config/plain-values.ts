import { ValueError } from './value-error.ts'

/** Reads one value of mirrors.yaml. Throws ValueError. */
export type Parse<T> = (value: unknown) => T

/** Anybody chooses the names: with one more, one of 255 characters takes over a second. */
const mostStars = 3

export function parseText(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new ValueError(value, 'a text')
  return value
}

/** Empty for what is none: a mapping with a `toString` of its own can't even be made one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A number isn't taken for a secret: YAML has already dropped its leading zeros. */
export function parseSecret(value: unknown): string {
  if (typeof value !== 'string') throw new ValueError(value, 'a text, in quotes if it is a number')
  return value
}

export function parsePath(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw new ValueError(value, 'the path of a file or folder')
  }
  return value
}

/** The texts count too, since a value from the environment is always a text. */
export function parseFlag(value: unknown): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  throw new ValueError(value, 'true or false')
}

export function parseCount(lowest: number, highest: number): Parse<number> {
  return (value) => {
    const text = typeof value === 'number' ? String(value) : value
    const count = typeof text === 'string' && /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
    if (count >= lowest && count <= highest) return count
    throw new ValueError(value, `a whole number from ${lowest} to ${highest}`)
  }
}

export function parseOneOf<const T extends string>(choices: readonly T[]): Parse<T> {
  return (value) => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) throw new ValueError(value, `one of ${choices.join(', ')}`)
    return choice
  }
}

export function parseGlob(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ValueError(value, 'a pattern such as library/* or team/**')
  }
  // Beside others it takes nothing out: it would let in all that it doesn't name. !(a|b) is another thing.
  if (/^\s*!(?!\()/.test(value)) {
    const wanted =
      'a pattern without "!" in front: each of a list lets in what it matches, and none takes anything out'
    throw new ValueError(value, wanted)
  }
  if (value.split('/').some((part) => countStars(part) > mostStars)) {
    const what = `a pattern with at most ${mostStars} * between two slashes, and one more at their end`
    throw new ValueError(value, what)
  }
  return value
}

/** Those that something must follow, and what else repeats: `+(a)`, `*(a)`. */
function countStars(part: string): number {
  return part.replace(/\*+$/, '').match(/\*+|[+!?@]\(/g)?.length ?? 0
}
