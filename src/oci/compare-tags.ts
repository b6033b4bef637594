const collator = new Intl.Collator('en', { numeric: true })

/** As people count versions: `1.9` before `1.10`. Tags are equal only if they are the same. */
export function compareTags(one: string, other: string): number {
  return collator.compare(one, other) || Number(one > other) - Number(one < other)
}
