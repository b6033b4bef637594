import type { Counters, LedgerRow } from '../../../src/store/ledger-records.ts'
import { openStores } from '../../../src/store/open-stores.ts'
import { type DemoImage, mirroredImages, pushedImages } from './demo-images.ts'
import { writeDemoSpace } from './demo-space.ts'

const hourMs = 3_600_000
const clients = ['ci-1', 'ci-2', 'build-box', 'k3s-a', 'k3s-b', 'k3s-c', 'laptop-ana', 'laptop-jo']
const everyHours = 24 * 30

/**
 * Writes into a data folder that no server uses what a month of pulls would have left there: the same
 * for the same `now`. Nights and weekends are quiet, and of four pulls about one isn't kept yet.
 */
export const writeDemoHistory = async (data: string, now: number): Promise<void> => {
  const fail = (error: unknown) => {
    throw error
  }
  const stores = await openStores(data, { onError: fail, onFault: fail, onRecovered: () => {} })
  const last = Math.floor(now / hourMs) * hourMs - hourMs
  for (let back = everyHours; back >= 0; back--) {
    const at = last - back * hourMs
    await stores.ledger.addTraffic({ id: everyHours - back + 1, rows: rowsOf(at) })
  }
  await writeDemoSpace(stores, now)
  await stores.close()
}

const rowsOf = (at: number): readonly LedgerRow[] => {
  const busy = busyness(new Date(at))
  return [...mirroredImages, ...pushedImages].flatMap((image, place) => {
    const client = clients[(place * 5 + at / hourMs) % clients.length] ?? ''
    const wave = 1 + 0.4 * Math.sin(at / hourMs / 7 + place)
    const pulls = Math.round(image.weight * busy * wave)
    return pulls === 0 ? [] : rowsOfImage(image, { at, client, pulls })
  })
}

const busyness = (time: Date): number => {
  const isWeekend = time.getUTCDay() % 6 === 0
  const hour = time.getUTCHours()
  const day = hour >= 7 && hour < 18 ? 1 : 0.08
  return day * (isWeekend ? 0.15 : 1) * 0.4
}

type Pulls = { readonly at: number; readonly client: string; readonly pulls: number }

const rowsOfImage = ({ name, recipe }: DemoImage, { at, client, pulls }: Pulls): LedgerRow[] => {
  const key = {
    at,
    client,
    user: client.startsWith('ci') ? `token ${client}` : '',
    ...partsOf(name),
  }
  const bytes = recipe.layerSizes.reduce((sum, size) => sum + size, 0) * 100
  const served = (count: number): Partial<Counters> => ({
    tagRequests: count,
    pulls: count,
    blobRequests: count * recipe.layerSizes.length,
    servedBytes: count * bytes,
    blobMs: count * 400,
    took0: count * 2,
    took2: count * recipe.layerSizes.length,
  })
  if (key.upstream === '') return [{ ...key, outcome: 'hosted', counters: served(pulls) }]
  // Every so many hours a tag has moved, or something was evicted.
  const missed = (at / hourMs + key.repository.length * 3) % 7 === 0 ? Math.ceil(pulls / 3) : 0
  const fetched = {
    fetches: missed * 4,
    upstreamPulls: missed,
    fetchedBytes: missed * bytes,
    fetchMs: missed * 9_000,
  }
  const rows: LedgerRow[] = [{ ...key, outcome: 'hit', counters: served(pulls - missed) }]
  if (missed > 0)
    rows.push({ ...key, outcome: 'miss', counters: { ...served(missed), ...fetched } })
  if (pulls % 9 === 0)
    rows.push({ ...key, outcome: 'limited', counters: { tagRequests: 1, took1: 1 } })
  return rows
}

const partsOf = (name: string): Pick<LedgerRow, 'upstream' | 'repository' | 'tag'> => {
  const [path = '', tag = ''] = name.split(':')
  const slash = path.indexOf('/')
  const isMirrored = path.slice(0, slash).includes('.')
  return {
    upstream: isMirrored ? path.slice(0, slash) : '',
    repository: isMirrored ? path.slice(slash + 1) : path,
    tag,
  }
}
