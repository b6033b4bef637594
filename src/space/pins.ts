import picomatch from 'picomatch'
import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Holders, PinRecords } from '../store/space-records.ts'

type Pin = {
  readonly pattern: string
  /** What all that it matches begins with. */
  readonly beginning: string
  readonly isMatch: (name: string) => boolean
}

/** The names by which an image is pinned. */
export function toNames(
  { source, digest }: Pick<ImageNames, 'source' | 'digest'>,
  { tags, listedBy }: Pick<Holders, 'tags' | 'listedBy'>,
): ImageNames {
  const all = [...tags, ...listedBy.flatMap((index) => index.tags)]
  return { source, digest, tags: all, listedBy: listedBy.map((index) => index.digest) }
}

/** What an image is called. */
export type ImageNames = {
  readonly source: Source
  readonly digest: Digest
  /** Its own, and those of the indices that list it. */
  readonly tags: readonly Tag[]
  /** Of the indices that list it. */
  readonly listedBy?: readonly Digest[]
}

/**
 * What is never evicted: `docker.io/library/node:20-*`, `docker.io/library/node` with all its tags,
 * `docker.io/library/**`, or one by its digest. They are patterns and not images: what isn't pulled yet is
 * pinned too, and a tag that moves takes its pin with it.
 */
export class Pins {
  readonly #records: PinRecords
  #configured: readonly Pin[]
  #added: readonly Pin[] = []

  private constructor(records: PinRecords, configured: readonly string[]) {
    this.#records = records
    this.#configured = configured.map(toPin)
  }

  static async open(records: PinRecords, configured: readonly string[]): Promise<Pins> {
    const pins = new Pins(records, configured)
    await pins.#load()
    return pins
  }

  /** By mirrors.yaml. */
  configure(configured: readonly string[]): void {
    this.#configured = configured.map(toPin)
  }

  list(): { readonly configured: readonly string[]; readonly added: readonly string[] } {
    const [configured, added] = [this.#configured, this.#added].map((pins) =>
      pins.map(({ pattern }) => pattern),
    )
    return { configured: configured ?? [], added: added ?? [] }
  }

  /** False if it is there already. */
  async add(pattern: string, at: number): Promise<boolean> {
    const isNew = await this.#records.pin(pattern, at)
    await this.#load()
    return isNew
  }

  /** False if it isn't there. */
  async remove(pattern: string): Promise<boolean> {
    const wasThere = await this.#records.unpin(pattern)
    await this.#load()
    return wasThere
  }

  /** Whether nothing is. */
  get isEmpty(): boolean {
    return this.#all.length === 0
  }

  /** Whether all of its images are pinned, by its name. */
  holdsAll(source: Source): boolean {
    const name = formatSource(source)
    return this.#all.some(({ isMatch }) => isMatch(name))
  }

  /** Whether any of its images may be pinned: of most repositories none is, whatever they are called. */
  mayHold(source: Source): boolean {
    const name = formatSource(source)
    return this.#all.some(({ beginning }) => {
      const isOfName = beginning.startsWith(name) && /^[:@]/.test(beginning.slice(name.length))
      return isOfName || name.startsWith(beginning)
    })
  }

  /** The pattern by which it is pinned. */
  find({ source, digest, tags, listedBy = [] }: ImageNames): string | undefined {
    const name = formatSource(source)
    const digests = [digest, ...listedBy].map((each) => `${name}@${each}`)
    const names = [name, ...digests, ...tags.map((tag) => `${name}:${tag}`)]
    return this.#all.find(({ isMatch }) => names.some((each) => isMatch(each)))?.pattern
  }

  get #all(): readonly Pin[] {
    return [...this.#configured, ...this.#added]
  }

  async #load(): Promise<void> {
    this.#added = (await this.#records.listPins()).map(toPin)
  }
}

function toPin(pattern: string): Pin {
  const [beginning = ''] = pattern.split(/[*?[\]{}()!+|\\]|@\(/, 1)
  return { pattern, beginning, isMatch: picomatch(pattern, { dot: true }) }
}
