import type { Counters, LedgerRow, Outcome } from '../../src/store/ledger-records.ts'
import { Random, Zipf } from '../replay/trace/random.ts'

export const hourMs = 3_600_000

/** As of fifty developers with their CI: 6,000 pulls a day, nine of ten of them in ten hours. */
const pullsPerDay = 6_000
const busyHours = { from: 8, to: 18, share: 0.9 }
const imageCount = 10_000
const clientCount = 500
const tagsEach = 3
const layers = 8
const missShare = 0.2
const failureShare = 0.01
const failures: readonly Outcome[] = ['not-found', 'denied', 'limited', 'unavailable']

/** What is counted of synthetic pulls, the same for the same seed. */
export class Traffic {
  readonly #random: Random
  readonly #images = new Zipf(imageCount, 1)
  readonly #clients = new Zipf(clientCount, 0.8)

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** Of the hour that begins then. */
  ofHour(at: number): LedgerRow[] {
    const rows: LedgerRow[] = []
    const mean = meanPulls(new Date(at).getUTCHours())
    const pulls = Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#random.normal()))
    for (let pull = 0; pull < pulls; pull++) rows.push(...this.ofPull(at))
    return rows
  }

  ofPull(at: number): LedgerRow[] {
    const key = { at, ...this.#caller(), ...this.#image() }
    const random = this.#random
    if (random.chance(failureShare)) {
      const outcome = failures[random.below(failures.length)] ?? 'failed'
      return [{ ...key, outcome, counters: { tagRequests: 1, took1: 1 } }]
    }
    const outcome = key.upstream === '' ? 'hosted' : 'hit'
    if (outcome === 'hosted' || !random.chance(missShare)) {
      return [{ ...key, outcome, counters: this.#served(layers + 1) }]
    }
    // Some of its layers are those of another image.
    const fetched = 2 + random.below(layers)
    const [missed, hit] = [this.#served(fetched), this.#served(layers + 1 - fetched)]
    const upstream = {
      fetches: fetched + 2,
      upstreamPulls: 1,
      fetchedBytes: missed.servedBytes ?? 0,
    }
    const counters = { ...missed, ...upstream, fetchMs: 100 + random.below(20_000) }
    return [
      { ...key, outcome: 'miss', counters },
      { ...key, outcome: 'hit', counters: { ...hit, tagRequests: 0, digestRequests: 0, pulls: 0 } },
    ]
  }

  #served(blobs: number): Partial<Counters> {
    const random = this.#random
    const sizeBytes = Math.round(Math.exp(16.3 + 1.5 * random.normal()))
    const slow = random.below(3)
    return {
      tagRequests: 1,
      digestRequests: random.below(2),
      blobRequests: blobs,
      pulls: 1,
      servedBytes: Math.round((sizeBytes * blobs) / layers),
      blobMs: 20 + Math.round(sizeBytes / 100_000),
      took0: 2,
      took1: blobs - Math.min(slow, blobs),
      took3: Math.min(slow, blobs),
    }
  }

  #caller(): Pick<LedgerRow, 'client' | 'user'> {
    const client = this.#clients.draw(this.#random)
    return {
      client: `10.${client % 4}.${client % 250}.${10 + (client % 200)}`,
      user: client % 5 === 0 ? `token ci-${client}` : '',
    }
  }

  #image(): Pick<LedgerRow, 'upstream' | 'repository' | 'tag'> {
    const image = this.#images.draw(this.#random)
    const upstream = ['docker.io', 'docker.io', 'docker.io', 'ghcr.io', 'ghcr.io', ''][image % 6]
    const repository = `team-${image % 97}/service-${Math.floor(image / tagsEach)}`
    return { upstream: upstream ?? '', repository, tag: `v1.${image % tagsEach}` }
  }
}

function meanPulls(hour: number): number {
  const length = busyHours.to - busyHours.from
  const isBusy = hour >= busyHours.from && hour < busyHours.to
  return isBusy
    ? (pullsPerDay * busyHours.share) / length
    : (pullsPerDay * (1 - busyHours.share)) / (24 - length)
}
