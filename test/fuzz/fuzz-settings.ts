import fc from 'fast-check'

/** All fuzzing together; `npm run fuzz` takes its time, and what every test run does is short. */
const allSeconds = Number(process.env.FUZZ_SECONDS ?? 10)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
let properties = 0

console.info(`fuzzing for ${allSeconds} s in all; FUZZ_SEED=${seed} tries the same again`)

/** Holds the property against whatever fast-check can think of, for that share of the time. */
export async function fuzz<T>(
  property: fc.IRawProperty<T>,
  { share }: { readonly share: number },
): Promise<void> {
  await fc.assert(property, {
    seed: seed + properties++,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: allSeconds * share * 1000,
  })
}
