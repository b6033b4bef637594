// Few rounds, as every change is tested with. For a long run:
//   KILL_ROUNDS=100 npx vitest run --project peers test/peers/kill-rounds.test.ts
// KILL_SEED=… repeats the sizes and moments of a run that has printed its seed.

import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { describePeers } from '../support/lab/describe-peers.ts'
import { runKillRounds } from '../torture/kill-rounds.ts'
import { Random } from '../torture/random.ts'

const rounds = Number(process.env.KILL_ROUNDS ?? 8)
const seed = process.env.KILL_SEED ?? `${randomInt(2 ** 32)}`
const timeoutMs = 60_000 + rounds * 15_000

describePeers('a server killed at any moment', ['openssl'], (lab) => {
  test(
    `keeps nothing wrong, and serves what is right, ${rounds} times`,
    async () => {
      console.info(`KILL_ROUNDS=${rounds} KILL_SEED=${seed}`)
      const results = await runKillRounds(lab, rounds, new Random(seed))
      const broken = results.filter(({ sizeBytes, receivedBytes }) => receivedBytes < sizeBytes)
      console.info(`${broken.length} of ${rounds} pulls were broken off`)
      expect(results).toHaveLength(rounds)
      expect(results).toEqual(
        results.map((result) => ({
          ...result,
          wrongFiles: [],
          pull: { isComplete: true, digest: result.expectedDigest },
        })),
      )
    },
    timeoutMs,
  )
})
