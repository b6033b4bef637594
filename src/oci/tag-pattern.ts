import { RE2JS, RE2JSException } from 're2js'

/** Which tags are meant. */
export type TagPattern = { test(tag: string): boolean }

/** What people are told to write. */
export const wantedTagPattern =
  'a regular expression such as ^[0-9a-f]{7}$, as RE2 knows them: without lookaround and backreferences'

const maxLength = 1000

/**
 * A regular expression, matched in time that grows with the tag's length alone: whoever may push chooses
 * the tags, and by JavaScript's own engine `(a+)+$` would hold up the server for years over one of them.
 * Undefined where it is none. To be imported when it is needed: the engine takes 4 MiB.
 */
export function parseTagPattern(text: string): TagPattern | undefined {
  if (text.length > maxLength) return undefined
  try {
    const pattern = RE2JS.compile(text)
    return { test: (tag) => pattern.test(tag) }
  } catch (error) {
    if (error instanceof RE2JSException) return undefined
    throw error
  }
}
