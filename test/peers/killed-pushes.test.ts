// Few and small rounds, as every change is tested with. For a long run:
//   KILL_ROUNDS=50 KILL_PUSHES=100 npx vitest run --project peers test/peers/killed-pushes.test.ts
// KILL_SEED=… repeats the sizes and moments of a run that has printed its seed.

import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { describePeers } from '../support/lab/describe-peers.ts'
import { runPushRounds } from '../torture/push-rounds.ts'
import { Random } from '../torture/random.ts'

const rounds = Number(process.env.KILL_ROUNDS ?? 3)
const pushes = Number(process.env.KILL_PUSHES ?? 30)
const seed = process.env.KILL_SEED ?? `${randomInt(2 ** 32)}`
const timeoutMs = 60_000 + rounds * pushes * 1000

describePeers('a server killed at any moment of many pushes', [], (lab) => {
  test(
    `keeps what it acknowledged, and nothing by half, ${rounds} times`,
    async () => {
      console.info(`KILL_ROUNDS=${rounds} KILL_PUSHES=${pushes} KILL_SEED=${seed}`)
      const random = new Random(seed)
      const { results, unowned } = await runPushRounds(lab, { rounds, pushes, random })
      console.table(results.map(({ wrongFiles, brokenPromises, ...result }) => result))
      expect(results).toEqual(
        results.map((result) => ({ ...result, wrongFiles: [], brokenPromises: [] })),
      )
      expect(unowned).toEqual([])
    },
    timeoutMs,
  )
})
