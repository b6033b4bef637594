import type { Access } from '../access/access.ts'
import type { Config } from '../config/config.ts'
import type { Stores } from '../store/open-stores.ts'
import type { TrafficListener } from '../traffic/any-traffic.ts'
import { ClientNames } from '../traffic/client-names.ts'
import { Ledger } from '../traffic/ledger.ts'
import { Reports } from '../traffic/reports.ts'
import { TagTurns } from '../traffic/tag-turns.ts'
import { Tally } from '../traffic/tally.ts'

export type Traffic = {
  readonly ledger: Ledger
  /** The main thread's. */
  readonly tally: Tally
  /** The same for the tallies of all threads. */
  readonly turns: TagTurns
  readonly reports: Reports
}

type Settings = {
  readonly stores: Stores
  readonly config: Config
  readonly access: Access
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
  readonly listeners: readonly TrafficListener[]
}

/** What counts, and what reports it. */
export async function openTraffic({
  stores,
  config,
  access,
  ...others
}: Settings): Promise<Traffic> {
  const names = new ClientNames(config, stores.clientKey)
  const records = stores.ledger
  const upstreams = config.upstreams.keys()
  const ledger = await Ledger.open({ records, names, upstreams, ...others })
  const turns = new TagTurns()
  const tally = new Tally({ passOn: (tallied) => ledger.add('main', tallied), turns })
  return { ledger, tally, turns, reports: new Reports({ ledger: records, access, config }) }
}

/** Writes what is left. */
export async function closeTraffic({ ledger, tally }: Traffic): Promise<void> {
  tally.close()
  await ledger.close()
}
