import type { Served } from '../mirror/any-mirror.ts'

const passOnEveryMs = 1_000
const maxGathered = 10_000

/** Gathers what was served, each thing once, and passes it on together now and then. */
export class ServedNotes {
  readonly #passOn: (served: readonly Served[]) => void
  readonly #timer: NodeJS.Timeout
  readonly #gathered = new Map<string, Served>()

  constructor(passOn: (served: readonly Served[]) => void) {
    this.#passOn = passOn
    this.#timer = setInterval(() => this.#flush(), passOnEveryMs).unref()
  }

  add(served: Served): void {
    const { kind, source, digest } = served
    this.#gathered.set(`${kind} ${source.upstream}/${source.repository}@${digest}`, served)
    if (this.#gathered.size >= maxGathered) this.#flush()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#flush()
  }

  #flush(): void {
    if (this.#gathered.size === 0) return
    this.#passOn([...this.#gathered.values()])
    this.#gathered.clear()
  }
}
