import type { LedgerDimension, LedgerSum } from '../../src/store/ledger-records.ts'
import { openStores } from '../../src/store/open-stores.ts'

const hourMs = 3_600_000

/** What the ledger in that data folder has of the last hour and this one, beside a running server too. */
export const readLedger = async (
  data: string,
  ...by: readonly LedgerDimension[]
): Promise<readonly LedgerSum[]> => {
  const ignore = () => {}
  const callbacks = { onError: ignore, onFault: ignore, onRecovered: ignore }
  const stores = await openStores(data, callbacks, { isGuest: true })
  try {
    const now = Date.now()
    const query = { since: now - hourMs, until: now + hourMs, by, where: {} }
    return (await stores.ledger.sumTraffic(query)).sums
  } finally {
    await stores.close()
  }
}

/** Of a sum, the counters that aren't 0, without times, which no test can know. */
export const countsOf = ({ counters }: LedgerSum): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(counters).filter(([name, count]) => count !== 0 && !/Ms$|^took/.test(name)),
  )
