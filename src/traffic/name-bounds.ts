import { failedOutcomes, type LedgerRow } from '../store/ledger-records.ts'

type Names = Pick<LedgerRow, 'client' | 'user' | 'upstream' | 'repository' | 'tag' | 'outcome'>

/** What is counted together, once there are too many names. No client, upstream or image is called so. */
export const others = '(others)'

/** Names in a day, of some 100 bytes each. */
const most = { clients: 5_000, upstreams: 200, images: 20_000, failing: 1_000 }
const dayMs = 86_400_000
const failures: ReadonlySet<string> = new Set(failedOutcomes)

/**
 * Anybody can ask for what isn't there, from as many addresses as he has: of names that are new today only so
 * many are kept. Nothing is lost but the name.
 */
export class NameBounds {
  #day = Number.NaN
  #configured: ReadonlySet<string>
  readonly #seen = {
    clients: new Set<string>(),
    upstreams: new Set<string>(),
    images: new Set<string>(),
    failing: new Set<string>(),
  }

  /** The upstreams that mirrors.yaml names, and what is hosted, never lose theirs. */
  constructor(upstreams: Iterable<string>) {
    this.#configured = namesOf(upstreams)
  }

  /** Takes up a changed configuration. */
  configure(upstreams: Iterable<string>): void {
    this.#configured = namesOf(upstreams)
  }

  bound(names: Names, now: number): Names {
    this.#renew(now)
    const client = this.#admits('clients', names.client) ? names.client : others
    const { upstream: asked } = names
    const isKnown = this.#configured.has(asked) || this.#admits('upstreams', asked)
    const image = `${names.upstream}\n${names.repository}\n${names.tag}`
    const isFailing = failures.has(names.outcome) && !this.#seen.images.has(image)
    const isNamed = isKnown && this.#admits(isFailing ? 'failing' : 'images', image)
    if (isNamed) return { ...names, client }
    const upstream = isKnown ? names.upstream : others
    return { ...names, client, upstream, repository: others, tag: '' }
  }

  #admits(kind: keyof typeof most, name: string): boolean {
    const seen = this.#seen[kind]
    if (seen.has(name)) return true
    if (seen.size >= most[kind]) return false
    seen.add(name)
    return true
  }

  #renew(now: number): void {
    const day = Math.floor(now / dayMs)
    if (day === this.#day) return
    this.#day = day
    for (const seen of Object.values(this.#seen)) seen.clear()
  }
}

function namesOf(upstreams: Iterable<string>): ReadonlySet<string> {
  return new Set([...upstreams, ''])
}
