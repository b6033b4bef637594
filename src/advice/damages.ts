import type { Event } from '../events/any-events.ts'
import { isDigest } from '../oci/digest.ts'
import type { Stores } from '../store/open-stores.ts'

type DamageEvent = Extract<Event, { kind: 'verification-failed' }>

type Damage = {
  readonly event: DamageEvent
  /** Whether there was a file when it was told, as one that the server may not read. Never rejects. */
  readonly wasThere: Promise<boolean>
}

/** The others are like them, and the log has all. */
const mostDamages = 100

/** What is kept, was found wrong, and isn't healed yet. */
export class Damages {
  readonly #stores: Pick<Stores, 'blobs' | 'integrity'>
  readonly #damages = new Map<string, Damage>()

  constructor(stores: Pick<Stores, 'blobs' | 'integrity'>) {
    this.#stores = stores
  }

  hear(event: DamageEvent): void {
    const { what, healed } = event.data
    if (healed) this.#damages.delete(what)
    else if (this.#damages.has(what) || this.#damages.size < mostDamages)
      this.#damages.set(what, { event, wasThere: this.#isThere(what) })
  }

  /** The first one first, without those that are over. */
  async list(): Promise<readonly DamageEvent[]> {
    for (const [what, damage] of this.#damages)
      if (await this.#isOver(what, damage)) this.#damages.delete(what)
    return [...this.#damages.values()].map(({ event }) => event)
  }

  /** Nothing needs it any more, or what was moved away was pushed or pulled again. */
  async #isOver(what: string, { wasThere }: Damage): Promise<boolean> {
    if (!isDigest(what)) return false
    if (!(await wasThere) && (await this.#isThere(what))) return true
    return !(await this.#stores.integrity.findRecorded([what])).has(what)
  }

  async #isThere(what: string): Promise<boolean> {
    try {
      return isDigest(what) && (await this.#stores.blobs.find(what)) !== undefined
    } catch {
      // A disk that doesn't say so doesn't say either that it is well again.
      return false
    }
  }
}
