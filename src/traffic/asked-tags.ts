import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Subject, TallyRow } from './tally.ts'

type Asker = Pick<Subject, 'client' | 'user' | 'upstream' | 'repository' | 'tag'>
type AskedTag = { readonly tag: string; readonly at: number }

const maxKnown = 20_000
/** What is named comes some seconds late: a client may have gone on to other tags by then. */
const mostOfOne = 8
/** Between two requests of one pull. */
const forgottenAfterMs = 600_000

/**
 * Which tags of a repository each client asked for last: what it asks for by digest there, manifests and blobs,
 * is of the image that it asked for before.
 */
export class AskedTags {
  /** In the order of time. */
  readonly #tags = new LRUCache<string, readonly AskedTag[]>({
    ...atMost(maxKnown),
    ttl: forgottenAfterMs,
    updateAgeOnGet: true,
  })

  note({ countedAt, ...asker }: TallyRow): void {
    if (asker.tag === '') return
    const key = keyOf(asker)
    const known = this.#tags.get(key) ?? []
    const place = known.findLastIndex(({ at }) => at <= countedAt)
    // As a rule a client goes on asking for the same.
    if (known[place]?.tag === asker.tag) return
    const asked = { tag: asker.tag, at: countedAt }
    this.#tags.set(key, known.toSpliced(place + 1, 0, asked).slice(-mostOfOne))
  }

  /** What was asked for then; empty where it asked for none, or too long ago. */
  tagOf(asker: Asker, askedAt: number): string {
    if (asker.tag !== '') return asker.tag
    const known = this.#tags.get(keyOf(asker)) ?? []
    // Another thread may have counted the tag a moment later than it was asked for.
    const asked = known.findLast(({ at }) => at <= askedAt) ?? known[0]
    return asked?.tag ?? ''
  }
}

function keyOf({ client, user, upstream, repository }: Asker): string {
  return `${client}\n${user}\n${upstream}\n${repository}`
}
