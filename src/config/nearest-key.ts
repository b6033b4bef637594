/** Says which key was probably meant, or else which keys there are. */
export function knownKeyFor(unknownKey: string, known: readonly string[]): string {
  const nearest = findNearest(unknownKey, known)
  if (nearest !== undefined) return `a known key; did you mean ${nearest}?`
  return `one of ${known.join(', ')}`
}

/** The candidate that differs in at most a third of its letters, capitals aside. */
function findNearest(text: string, candidates: readonly string[]): string | undefined {
  const distances = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(text.toLowerCase(), candidate.toLowerCase()),
  }))
  const [best] = distances.sort((one, other) => one.distance - other.distance)
  return best && best.distance <= best.candidate.length / 3 ? best.candidate : undefined
}

/** Levenshtein: how many letters to insert, delete or replace, one row of the table at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [rowIndex, letter] of [...from].entries()) {
    const next = [rowIndex + 1]
    for (const [index, wanted] of [...to].entries()) {
      const replaced = (row[index] ?? 0) + (letter === wanted ? 0 : 1)
      const deleted = (row[index + 1] ?? 0) + 1
      const inserted = (next[index] ?? 0) + 1
      next.push(Math.min(replaced, deleted, inserted))
    }
    row = next
  }
  return row[to.length] ?? 0
}
