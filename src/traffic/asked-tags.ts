import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Subject } from './tally.ts'

const maxKnown = 20_000
/** Between two requests of one pull. */
const forgottenAfterMs = 600_000

/**
 * Which tag of a repository each client asked for last: what it asks for by digest there, manifests and blobs,
 * is of that image.
 */
export class AskedTags {
  readonly #tags = new LRUCache<string, string>({
    ...atMost(maxKnown),
    ttl: forgottenAfterMs,
    updateAgeOnGet: true,
  })

  note(subject: Subject): void {
    if (subject.tag !== '') this.#tags.set(keyOf(subject), subject.tag)
  }

  /** Empty where it asked for none, or too long ago. */
  tagOf(subject: Subject): string {
    return subject.tag || (this.#tags.get(keyOf(subject)) ?? '')
  }
}

function keyOf({ client, user, upstream, repository }: Subject): string {
  return `${client}\n${user}\n${upstream}\n${repository}`
}
