import type { Digest } from '../oci/digest.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Healed } from './finding.ts'
import { Healer, type Refetch } from './healer.ts'
import { Rebuild, type Rebuilt } from './rebuild.ts'
import { Scrub, type ScrubPace } from './scrub.ts'

export type IntegrityNotices = {
  /** Something that is kept was wrong. */
  onHealed(healed: Healed): void
  /** Files without records were found. */
  onRebuilt(rebuilt: Rebuilt): void
  onError(error: unknown, what: string): void
}

type Settings = IntegrityNotices & {
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'holds'>
  readonly refetch: Refetch
  readonly onGone: (digest: Digest) => void
  readonly now: () => number
  readonly pace?: ScrubPace
}

/** Cares in the background, as long as the server runs, that every byte that is kept is what it says. */
export class Integrity {
  readonly #settings: Settings
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>

  constructor(settings: Settings) {
    this.#settings = settings
    this.#running = this.#run()
  }

  /** Ends what it is at, and resolves when it has ended. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const settings = { ...this.#settings, healer: new Healer(this.#settings), signal }
    await this.#rebuild(new Rebuild(settings))
    await new Scrub(settings).run()
  }

  async #rebuild(rebuild: Rebuild): Promise<void> {
    const { onRebuilt, onError } = this.#settings
    try {
      const rebuilt = await rebuild.run()
      if (rebuilt.files > 0) onRebuilt(rebuilt)
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      onError(
        error,
        'files without a record were looked for in vain; it is tried again at the next start',
      )
    }
  }
}
