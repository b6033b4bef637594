import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Repository } from '../oci/repository.ts'
import type { HostedRecords } from '../store/hosted-records.ts'

const maxKnown = 50_000

/** Which repositories are hosted: asked with nearly every request, and seldom changed. */
export class HostedNames {
  readonly #records: Pick<HostedRecords, 'isHosted'>
  readonly #known = new LRUCache<Repository, boolean>(atMost(maxKnown))
  #changes = 0

  constructor(records: Pick<HostedRecords, 'isHosted'>) {
    this.#records = records
  }

  async has(repository: Repository): Promise<boolean> {
    const known = this.#known.get(repository)
    if (known !== undefined) return known
    const changes = this.#changes
    const isHosted = await this.#records.isHosted(repository)
    // What was found may be what was before.
    if (changes === this.#changes) this.#known.set(repository, isHosted)
    return isHosted
  }

  /** Something was pushed to it, or taken from it. */
  forget(repository: Repository): void {
    this.#changes++
    this.#known.delete(repository)
  }
  forgetAll(): void {
    this.#changes++
    this.#known.clear()
  }
}
