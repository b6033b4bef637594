import type { LedgerRecords } from '../store/ledger-records.ts'
import { refuseKindly } from '../store/ledger-refusal.ts'
import type { BudgetUse } from './any-budget.ts'

type Settings = {
  readonly ledger: Pick<LedgerRecords, 'sumTraffic'>
  readonly now: () => number
}

/** Whoever asks again within this time is told the same. */
const sameForMs = 10_000
/** Of which most was used; not all of them are for everybody to see. */
const mostListed = 1_000

/** Who used an upstream's limit, out of the ledger. */
export class Users {
  readonly #settings: Settings
  readonly #found = new Map<string, { readonly at: number; readonly use: Promise<BudgetUse> }>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Of the hours since then. Throws RegistryError TOOMANYREQUESTS where too many reports are being made. */
  find(upstream: string, since: number): Promise<BudgetUse> {
    const at = performance.now()
    for (const [name, found] of this.#found) {
      if (at - found.at > sameForMs) this.#found.delete(name)
    }
    const known = this.#found.get(upstream)
    if (known) return known.use
    const use = this.#sum(upstream, since).catch(refuseKindly)
    this.#found.set(upstream, { at, use })
    use.catch(() => this.#found.delete(upstream))
    return use
  }

  async #sum(upstream: string, from: number): Promise<BudgetUse> {
    const { ledger, now } = this.#settings
    const period = { since: from, until: now() + 1, where: { upstream: [upstream] } }
    const [ofClients, ofImages] = await Promise.all([
      ledger.sumTraffic({ ...period, by: ['client'] }),
      ledger.sumTraffic({ ...period, by: ['image'] }),
    ])
    const clients = ofClients.sums.map(({ client = '', counters }) => {
      return { client, pulls: counters.upstreamPulls }
    })
    const images = ofImages.sums.map(({ repository = '', tag = '', counters }) => {
      return { repository, tag, pulls: counters.upstreamPulls }
    })
    return { since: ofImages.since, clients: mostUsing(clients), images: mostUsing(images) }
  }
}

function mostUsing<User extends { readonly pulls: number }>(
  users: readonly User[],
): readonly User[] {
  const using = users.filter(({ pulls }) => pulls > 0)
  return using.sort((one, other) => other.pulls - one.pulls).slice(0, mostListed)
}
