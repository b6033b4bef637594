import type { AnyMirror } from '../mirror/any-mirror.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { PushTaken } from './any-hosted.ts'
import type { Changes } from './changes.ts'
import type { HostedManifests, NewManifest } from './hosted-manifests.ts'
import type { HostedNames } from './hosted-names.ts'
import { needingRoom } from './needing-room.ts'
import { findShadowed } from './shadowed.ts'

type Settings = {
  readonly stores: Pick<Stores, 'metadata' | 'health'>
  readonly manifests: HostedManifests
  readonly names: HostedNames
  readonly changes: Changes
  readonly mirror: AnyMirror
  /** Every client gets it. */
  readonly onPushed: (repository: Repository, pushed: Pushed) => void
  /** Hears of failures that no client waits for. */
  readonly onError: (error: unknown, what: string) => void
}

export type Pushed = { readonly digest: Digest; readonly tags: readonly Tag[] }

/** Pushes of images, with what follows from them. */
export class Pushes {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Every client gets it when it resolves. Throws as HostedManifests does, and UNAVAILABLE as 507. */
  async push(repository: Repository, pushed: NewManifest): Promise<PushTaken> {
    const { stores, manifests, names, changes, onPushed } = this.#settings
    const { reference } = pushed
    const isNew = !(await names.has(repository))
    const record = () => manifests.push(repository, pushed)
    const taken = await needingRoom(() => changes.orDoubt(record), stores)
    const tags = isDigest(reference) ? pushed.tags : [reference, ...pushed.tags]
    await changes.announce(repository, { tags, digests: [] }, isNew)
    onPushed(repository, { digest: taken.digest, tags })
    const shadows = await this.#findShadowed(repository, reference, isNew)
    return { ...taken, ...(shadows && { shadows }) }
  }

  /** Only a warning hangs on it: what was pushed stays pushed where it can't be found out. */
  async #findShadowed(repository: Repository, reference: Reference, isNew: boolean) {
    const { stores, mirror, onError } = this.#settings
    const isMirrored = (source: Source) => stores.metadata.hasImages(source)
    try {
      return await findShadowed({ repository, reference, isNew }, { mirror, isMirrored })
    } catch (error) {
      onError(error, "what a push puts itself in front of couldn't be found out")
      return undefined
    }
  }
}
