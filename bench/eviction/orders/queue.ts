import type { Thing } from '../demands.ts'

interface Link {
  readonly thing: Thing
  previous: Link | undefined
  next: Link | undefined
}

/** First in, first out, by how many bytes it holds; anything can leave early. */
export class Queue {
  readonly #links = new Map<number, Link>()
  #first: Link | undefined
  #last: Link | undefined
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  has(thing: Thing): boolean {
    return this.#links.has(thing.id)
  }

  /** It must not be there. */
  push(thing: Thing): void {
    const link: Link = { thing, previous: this.#last, next: undefined }
    if (this.#last === undefined) this.#first = link
    else this.#last.next = link
    this.#last = link
    this.#links.set(thing.id, link)
    this.#bytes += thing.sizeBytes
  }

  first(): Thing | undefined {
    return this.#first?.thing
  }

  /** What came in next after it. */
  after(thing: Thing): Thing | undefined {
    return this.#links.get(thing.id)?.next?.thing
  }

  /** Whether it was there. */
  remove(thing: Thing): boolean {
    const link = this.#links.get(thing.id)
    if (link === undefined) return false
    this.#links.delete(thing.id)
    this.#bytes -= link.thing.sizeBytes
    this.#unlink(link)
    return true
  }

  #unlink({ previous, next }: Link): void {
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
  }
}
