import fc from 'fast-check'

/**
 * All fuzzing together: `npm run fuzz` takes its time, and tries something else each time. What every
 * test run does is short and the same again: it is to find what a change broke, and no more.
 */
const { FUZZ_SECONDS: seconds } = process.env
const allSeconds = Number(seconds ?? 20)
/** Whether it takes long enough for growth to tell anything: at first all memory grows. */
export const isLong: boolean = seconds !== undefined
const seed = Number(process.env.FUZZ_SEED ?? (seconds === undefined ? 1 : Date.now() % 2 ** 31))

console.info(`fuzzing for ${allSeconds} s in all; FUZZ_SEED=${seed} tries the same again`)

/** Holds the property against whatever fast-check can think of, for that share of the time; another round tries other things. */
export async function fuzz<T>(
  property: fc.IRawProperty<T>,
  { share, round = 0 }: { readonly share: number; readonly round?: number },
): Promise<void> {
  const run = await fc.check(property, {
    seed: seed + round,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: allSeconds * share * 1000,
  })
  // Where the time is over before the first try has ended, nothing was found.
  if (run.counterexample === null) return
  throw new Error(await fc.asyncDefaultReportMessage(run), { cause: run.errorInstance })
}
