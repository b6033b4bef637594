/** How requests ended, in words. */
const words: Readonly<Record<string, string>> = {
  hit: 'From cache',
  stale: 'From cache, as upstream couldn’t confirm it',
  miss: 'Fetched from upstream',
  pass: 'Passed through, not kept',
  hosted: 'Pushed here',
  'not-found': 'Not found',
  denied: 'Denied',
  limited: 'Too many requests',
  unavailable: 'Upstream unavailable',
  failed: 'Server error',
  refused: 'Not understood',
}

export function outcomeWord(outcome: string): string {
  return words[outcome] ?? outcome
}
