import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import type { LedgerDimension } from '../../src/store/ledger-records.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { dayMs, start } from './ledger-rows.ts'

const images = 150

/** Gives the id of the last batch of which it was said that it was added. */
async function killWriter(file: string, afterBatches: number): Promise<number> {
  const script = join(import.meta.dirname, 'killed-ledger-writer.ts')
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let [said, last] = [0, 0]
  for await (const line of createInterface(child.stdout)) {
    last = Number(line)
    if (++said === afterBatches) child.kill('SIGKILL')
  }
  expect(await ended).toEqual([null, 'SIGKILL'])
  return last
}

test('a writer that is killed leaves whole batches, each counted once, at every level', {
  timeout: 60_000,
}, async () => {
  const directory = await makeTemporaryDirectory()
  const file = join(directory.path, 'entrepot.db')
  try {
    let said = 0
    for (const afterBatches of [3, 8, 20]) said = await killWriter(file, afterBatches)
    const store = await openMetadataStore(openSqlite(file))
    const last = await store.findLastBatch()
    expect(said).toBeGreaterThanOrEqual(31)
    expect(last).toBeGreaterThanOrEqual(said)
    const countPulls = async (...by: LedgerDimension[]) => {
      const query = { since: start, until: start + dayMs, by, where: {} }
      const { sums } = await store.sumTraffic(query)
      return sums.reduce((total, { counters }) => total + counters.pulls, 0)
    }
    const wanted = (images * last * (last + 1)) / 2
    for (const by of [
      [],
      ['hour'],
      ['client', 'hour'],
      ['client', 'day'],
      ['client'],
      ['image'],
    ] as const) {
      expect(await countPulls(...by)).toBe(wanted)
    }
    await store.close()
  } finally {
    await directory.remove()
  }
})
