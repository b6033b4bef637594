import type { LedgerRow } from '../../src/store/ledger-records.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { MovableClock } from './movable-clock.ts'
import { makeFolder, startServerForTest } from './start-mirrored.ts'
import type { Settings, StartedServer } from './start-server.ts'

/** What servers of startWithTraffic take for now. */
export const trafficNow = Date.parse('2026-11-22T12:30:00Z')

/** A server in whose ledger these rows are; it asks no upstream, and ends with the test. */
export const startWithTraffic = async (
  rows: readonly LedgerRow[],
  settings: Settings = {},
): Promise<StartedServer> => {
  const folder = await makeFolder()
  const callbacks = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
  const stores = await openStores(`${folder}/data`, callbacks)
  try {
    await stores.ledger.addTraffic({ id: 1, rows })
  } finally {
    await stores.close()
  }
  const clock = new MovableClock()
  clock.jump(trafficNow - Date.now())
  const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' }, 'quay.io': {} }
  return startServerForTest(folder, { upstreams, offline: true, ...settings }, clock)
}

export const rowOf = (row: Partial<LedgerRow>): LedgerRow => ({
  at: trafficNow - 86_400_000,
  client: '10.0.0.1',
  user: '',
  upstream: 'docker.io',
  repository: 'library/node',
  tag: '20',
  outcome: 'hit',
  counters: {},
  ...row,
})
