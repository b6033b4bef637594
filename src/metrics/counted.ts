import type { Outcome as Healing } from '../space/finding.ts'
import type { IntegrityNotices } from '../space/integrity.ts'
import type { SpaceNotices } from '../space/pressure.ts'
import type { LedgerRow } from '../store/ledger-records.ts'
import type { TrafficListener } from '../traffic/any-traffic.ts'
import { TrafficTotals } from './traffic-totals.ts'
import { UpstreamLabels } from './upstream-labels.ts'

type Settings = { readonly upstreams: ReadonlyMap<string, unknown> }

/** What happened since the server started, as others tell of it. */
export class Counted implements TrafficListener {
  readonly labels = new UpstreamLabels()
  readonly traffic = new TrafficTotals(this.labels)
  readonly #wrong = new Map<string, number>()
  readonly #findings: Record<Healing['kind'], number> = {
    fetched: 0,
    recorded: 0,
    released: 0,
    unfetched: 0,
    forgotten: 0,
    removed: 0,
    lost: 0,
    replaced: 0,
    failed: 0,
  }
  #evictedImages = 0
  #evictedBytes = 0

  constructor(settings: Settings) {
    this.labels.configure(settings.upstreams)
  }

  configure({ upstreams }: Settings): void {
    this.labels.configure(upstreams)
    this.traffic.forgetOthers()
    for (const label of this.#wrong.keys())
      if (!this.labels.isLabel(label)) this.#wrong.delete(label)
  }

  get evicted(): { readonly images: number; readonly bytes: number } {
    return { images: this.#evictedImages, bytes: this.#evictedBytes }
  }

  /** What was wrong with what is kept, by what became of it. */
  get findings(): Readonly<Record<Healing['kind'], number>> {
    return this.#findings
  }

  /** How often content was wrong, of each upstream that is named, and of others that sent such. */
  get wrong(): ReadonlyMap<string, number> {
    const named = [...this.labels.named].map((name) => [name, 0] as const)
    return new Map([...named, ...this.#wrong])
  }

  onTraffic(rows: readonly LedgerRow[]): void {
    for (const row of rows) this.traffic.add(row)
  }

  /** Upstream sent something else than its digest says. */
  onWrongContent = ({ upstream }: { readonly upstream: string }): void => {
    const label = this.labels.labelOf(upstream)
    this.#wrong.set(label, (this.#wrong.get(label) ?? 0) + 1)
  }

  /** The same notices, which are counted too. */
  besidesSpace(notices: SpaceNotices): SpaceNotices {
    const onEviction: SpaceNotices['onEviction'] = (eviction, reason) => {
      this.#evictedImages += eviction.victims.length
      this.#evictedBytes += eviction.freedBytes
      notices.onEviction(eviction, reason)
    }
    return { ...notices, onEviction }
  }

  /** The same. */
  besidesIntegrity(notices: IntegrityNotices): IntegrityNotices {
    const onHealed: IntegrityNotices['onHealed'] = (healed) => {
      this.#findings[healed.outcome.kind]++
      notices.onHealed(healed)
    }
    return { ...notices, onHealed }
  }
}
