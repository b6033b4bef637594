import type { Leases } from '../mirror/leases.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { HostedNames } from './hosted-names.ts'
import { tagLeaseKey } from './hosted-pulls.ts'
import type { Removed } from './removals.ts'

type Settings = {
  readonly names: HostedNames
  readonly leases: Leases
  /** Takes back all leases, in all threads. */
  readonly revokeAll: () => void
  /** Resolves when every thread knows what was taken back by now. */
  readonly revoked: () => Promise<void>
}

/** Makes what was pushed or taken away hold for every client of every thread. */
export class Changes {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * It holds when it resolves. `isRenamed`: the name was the default upstream's, or is again, and so
   * are answers that are remembered.
   */
  async announce(
    repository: Repository,
    { tags, digests }: Removed,
    isRenamed = false,
  ): Promise<void> {
    const { names, leases, revoked, revokeAll } = this.#settings
    names.forget(repository)
    if (isRenamed) revokeAll()
    else {
      for (const digest of digests) leases.revoke(digest)
      for (const tag of tags) leases.revoke(tagLeaseKey(repository, tag))
    }
    await revoked()
  }

  /**
   * Where `write` fails it may hold all the same, and is only not known to last: then nothing that is
   * remembered may be said again.
   */
  async orDoubt<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof RegistryError)) await this.announceAny()
      throw error
    }
  }

  /** Nobody knows what has changed. It holds when it resolves. */
  async announceAny(): Promise<void> {
    const { names, revoked, revokeAll } = this.#settings
    names.forgetAll()
    revokeAll()
    await revoked()
  }
}
