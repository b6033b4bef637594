/**
 * For an LRU cache, room for so many entries. Its own `max` makes all of its arrays at once, which
 * takes more of the start, and more memory, than most servers ever have entries for.
 */
export function atMost(entries: number): { maxSize: number; sizeCalculation: () => number } {
  return { maxSize: entries, sizeCalculation: one }
}

function one(): number {
  return 1
}
