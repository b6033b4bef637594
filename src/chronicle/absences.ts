import type { UpstreamState } from '../upstream/upstream-state.ts'

export type Absence = {
  readonly upstream: string
  readonly origin: string
  readonly kind: 'down' | 'limited'
  /** Until then it is counted. */
  countedUntil: number
}

type OnTime = (absence: Absence, ms: number) => void

/** More is no time that passed: the machine slept, or its clock was moved. */
const longestStepMs = 5 * 60_000

/** URLs that aren't asked at the moment, and for how long that has been counted. */
export class Absences {
  readonly #absences = new Map<string, Absence>()
  readonly #onTime: OnTime

  constructor(onTime: OnTime) {
    this.#onTime = onTime
  }

  get isEmpty(): boolean {
    return this.#absences.size === 0
  }

  begin(absence: Absence): void {
    this.end(absence, absence.countedUntil)
    this.#absences.set(keyOf(absence), absence)
  }

  end(place: Pick<Absence, 'upstream' | 'origin'>, now: number): void {
    const absence = this.#absences.get(keyOf(place))
    if (absence) this.#count(absence, now)
    this.#absences.delete(keyOf(place))
  }

  /** Counts up to now; those that are no longer so, as after a change of the configuration, end. */
  count(now: number, states: readonly UpstreamState[]): void {
    const absent = new Set(
      states.flatMap(({ name, urls }) =>
        urls
          .filter(({ state }) => state !== 'up')
          .map(({ url }) => keyOf({ upstream: name, origin: url })),
      ),
    )
    for (const [key, absence] of this.#absences) {
      this.#count(absence, now)
      if (!absent.has(key)) this.#absences.delete(key)
    }
  }

  #count(absence: Absence, now: number): void {
    const ms = now - absence.countedUntil
    absence.countedUntil = now
    if (ms > 0) this.#onTime(absence, Math.min(ms, longestStepMs))
  }
}

function keyOf({ upstream, origin }: Pick<Absence, 'upstream' | 'origin'>): string {
  return `${upstream} ${origin}`
}
