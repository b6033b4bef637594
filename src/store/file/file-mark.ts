import type { BigIntStats } from 'node:fs'

/** Which file it is, and in which state: another file, or a change of any kind, has another mark. */
export function markOf({ ino, ctimeNs }: BigIntStats): string {
  return `${ino}@${ctimeNs}`
}

/** Of which file the mark is, whatever became of it since. */
export function inodeOf(mark: string): string {
  return mark.slice(0, mark.indexOf('@'))
}
