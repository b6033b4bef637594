import { type ChronicleRecords, slotLengthsMs } from '../store/chronicle-records.ts'
import { refuseKindly } from '../store/ledger-refusal.ts'
import type { CountedFetch, FetchCount, FetchFailure, FetchMeter } from '../upstream/fetch-meter.ts'
import type { Surroundings } from '../upstream/upstream-settings.ts'
import { Absences } from './absences.ts'
import type { AnyChronicle, Chronicled, ChronicleQuery, UpstreamTest } from './any-chronicle.ts'
import { chooseCells } from './choose-cells.ts'
import { ChronicleWriter } from './chronicle-writer.ts'
import { DueTags } from './due-tags.ts'
import { UpstreamTests } from './upstream-tests.ts'
import type { WatchedMirror } from './watched-mirror.ts'

type Settings = {
  readonly records: ChronicleRecords
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

type WrongContentListener = NonNullable<Surroundings['onWrongContent']>
type Outages = Pick<Surroundings, 'onOutage' | 'onOutageEnd'>

/** Hears what comes of requests to upstreams, and tells it. A killed server loses the last half minute. */
export class Chronicle implements AnyChronicle {
  readonly #settings: Settings
  readonly #writer: ChronicleWriter
  readonly #absences: Absences
  readonly #dueTags: DueTags
  readonly #tests = new UpstreamTests()
  #mirror: WatchedMirror | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    const beforeWrite = () => this.#countAbsences()
    this.#writer = new ChronicleWriter({ ...settings, beforeWrite })
    this.#absences = new Absences(({ kind, ...place }, ms) => {
      this.#writer.count(place, kind === 'down' ? 'downMs' : 'limitedMs', ms)
    })
    this.#dueTags = new DueTags(settings)
  }

  /** Whose upstreams it is about. */
  watch(mirror: WatchedMirror): void {
    this.#mirror = mirror
  }

  /** For upstreams to tell, beside whoever else counts. */
  besides(meter: FetchMeter): FetchMeter {
    return {
      begin: (fetch) => this.#begin(fetch, meter.begin(fetch)),
      failed: (failure) => {
        meter.failed?.(failure)
        this.#noteFailure(failure)
      },
    }
  }

  /** The same notices, which are noted too. */
  besidesOutages({ onOutage, onOutageEnd }: Outages): Outages {
    return {
      onOutage: (...outage) => {
        onOutage(...outage)
        this.#noteOutage(...outage)
      },
      onOutageEnd: (...outage) => {
        onOutageEnd(...outage)
        this.#noteOutageEnd(...outage)
      },
    }
  }

  #noteOutage: Outages['onOutage'] = (upstream, { origin }, { error, until }) => {
    const kind = until === undefined ? 'down' : 'limited'
    const { message } = error
    this.#absences.begin({ upstream, origin, kind, countedUntil: this.#settings.now() })
    this.#writer.note({ upstream, url: origin, repository: '', kind: 'down', message })
  }

  #noteOutageEnd: Outages['onOutageEnd'] = (upstream, { origin }, { until }) => {
    this.#absences.end({ upstream, origin }, this.#settings.now())
    const message = `${upstream} ${until === undefined ? 'answers again' : 'may be asked again'}`
    this.#writer.note({ upstream, url: origin, repository: '', kind: 'up', message })
  }

  /** The same. */
  besidesWrongContent(onWrongContent: WrongContentListener): WrongContentListener {
    return (error) => {
      onWrongContent(error)
      const { upstream, message } = error
      this.#writer.note({ upstream, url: '', repository: '', kind: 'invalid', message })
    }
  }

  async describeChronicle({ since, upstream }: ChronicleQuery): Promise<Chronicled> {
    const { records, now } = this.#settings
    await this.#writer.write()
    const until = now()
    const { length, perCell } = chooseCells(until - since, { isOne: upstream !== undefined })
    const slotMs = slotLengthsMs[length] * perCell
    const from = since - (since % slotMs)
    const query = { since: from, length, perCell, upstream }
    const slots = await records.sumSlots(query).catch(refuseKindly)
    const troubles = upstream === undefined ? [] : await records.listTroubles(upstream)
    const tags = this.#mirror ? await this.#dueTags.count(this.#mirror).catch(refuseKindly) : []
    // Of times that are yet to come, where the clock was set back.
    const past = slots.filter(({ at }) => at <= until)
    return { since: from, until, slotMs, slots: past, troubles, tags }
  }

  testUpstream(host: string): Promise<UpstreamTest> {
    if (!this.#mirror) throw new Error('upstreams are tested once there is a mirror')
    return this.#tests.run(this.#mirror, host)
  }

  /** Whoever waits for a test isn't waited for while the server stops. */
  stopTests(): void {
    this.#tests.stop()
  }

  /** Writes what is left. */
  close(): Promise<void> {
    return this.#writer.close()
  }

  #begin(fetch: CountedFetch, count: FetchCount): FetchCount {
    const beganAt = performance.now()
    this.#writer.count(fetch, 'requests')
    return {
      answered: (...answer) => {
        count.answered(...answer)
        this.#writer.countAnswer(fetch, performance.now() - beganAt)
      },
      received: (bytes) => {
        count.received(bytes)
        this.#writer.count(fetch, 'bytes', bytes)
      },
    }
  }

  #noteFailure({ error, wasSent, ...place }: FetchFailure): void {
    const { kind, message } = error
    if (kind === 'offline' || kind === 'not-found') return
    const { upstream, repository, origin: url } = place
    if (!wasSent) this.#writer.count(place, 'requests')
    this.#writer.count(place, kind)
    this.#writer.note({ upstream, url, repository, kind, message })
  }

  /** Gives whether an upstream is still not asked. */
  async #countAbsences(): Promise<boolean> {
    if (this.#absences.isEmpty) return false
    const states = (await this.#mirror?.describeUpstreams()) ?? []
    this.#absences.count(this.#settings.now(), states)
    return !this.#absences.isEmpty
  }
}
