import { expect } from 'vitest'

type ErrorClass = abstract new (...parameters: never[]) => Error

/** Reading takes no longer than this, but where it is held up by other work on the machine. */
const usuallyLongestMs = 100
const mostTries = 5

/**
 * Reads something: that ends soon, and if it throws then what it is documented to throw. Gives what was
 * read; undefined where it was refused.
 */
export function expectReading<T>(
  read: () => T,
  refusals: readonly ErrorClass[],
  longestMs = usuallyLongestMs,
): T | undefined {
  let best = Number.POSITIVE_INFINITY
  let result: T | undefined
  for (let tries = 0; tries < mostTries && best >= longestMs; tries++) {
    const start = performance.now()
    result = readOrRefuse(read, refusals)
    best = Math.min(best, performance.now() - start)
  }
  expect(best).toBeLessThan(longestMs)
  return result
}

function readOrRefuse<T>(read: () => T, refusals: readonly ErrorClass[]): T | undefined {
  try {
    return read()
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return undefined
    throw error
  }
}
