import type { Config, UpstreamConfig } from '../config/config.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { pushedHere, type Source, unknownOrigin } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Surroundings } from '../upstream/upstream-settings.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import { Upstreams } from '../upstream/upstreams.ts'
import { stretch } from './freshness.ts'
import {
  checkAllowed,
  type RequestedName,
  resolveSource,
  resolveUpstream,
} from './resolve-source.ts'

/**
 * What the configuration says of a source, and the upstream it leads to. Each answer holds for now
 * only: the next one is by the configuration as it is then.
 */
export class Sources {
  readonly #upstreams: Upstreams
  #config: Config
  #generation = 0

  constructor(config: Config, surroundings: Surroundings) {
    this.#config = config
    this.#upstreams = new Upstreams(surroundings)
    this.#upstreams.configure(config.upstreams)
  }

  /** Grows with every change of the configuration. */
  get generation(): number {
    return this.#generation
  }

  /** Takes up a changed configuration; what is under way goes on. */
  configure(config: Config): void {
    this.#generation++
    this.#config = config
    this.#upstreams.configure(config.upstreams)
  }

  /** See resolveSource. */
  resolve(requested: RequestedName): Source {
    return resolveSource(requested, this.#config)
  }

  /** See resolveUpstream. */
  resolveUpstream(requested: Pick<RequestedName, 'view' | 'ns'>): UpstreamName | undefined {
    return resolveUpstream(requested, this.#config)
  }

  /** See checkAllowed. */
  checkAllowed(source: Source): void {
    checkAllowed(source, this.#config)
  }

  /** Throws RegistryError NAME_UNKNOWN where it isn't configured any more. */
  upstreamOf(source: Source): Upstream {
    const upstream = this.findUpstream(source)
    if (upstream) return upstream
    throw new RegistryError('NAME_UNKNOWN', `${source.upstream} is no longer among the upstreams`)
  }

  /** Undefined where it isn't configured any more. */
  findUpstream(source: Pick<Source, 'upstream'>): Upstream | undefined {
    return this.#upstreams.find(source.upstream)
  }

  /** How long a tag is fresh, as things are. */
  tagTtlMs(source: Source): number {
    const ttlMs = this.leaseMs(source)
    return this.findUpstream(source)?.isBudgetLow ? stretch(ttlMs) : ttlMs
  }

  /** How long a tag is fresh at least, however much is left of upstream's limit. */
  leaseMs(source: Pick<Source, 'upstream'>): number {
    return this.#rulesOf(source)?.tagTtlMs ?? 0
  }

  /** Whether a tag that upstream deleted is served all the same. */
  servesGone(source: Source): boolean {
    return this.#rulesOf(source)?.onGone === 'serve'
  }

  /** Whether an image's other layers are fetched once a client has been given one of them. */
  wantsPrefetch(source: Source): boolean {
    return this.#rulesOf(source)?.prefetch ?? false
  }

  /**
   * Whether what was fetched from there isn't for everybody, as things are configured now: where rules say
   * who may pull it. Where it isn't configured any more nobody can say, and so it isn't; nor is what was
   * pushed here, or came from nobody knows where, whatever `*` says.
   */
  isPrivate(upstream: UpstreamName): boolean {
    if (upstream === unknownOrigin || upstream === pushedHere) return true
    if (this.#config.access.anonymous === 'none') return true
    return this.#rulesOf({ upstream })?.private ?? true
  }

  /**
   * Whether an upstream's word that it has it opens what came from `origin`. One that knows a digest, and
   * nothing else of the content, could say so of anything: its word is enough for what everybody may pull
   * and for its own, and for what is of unknown origin if mirrors.yaml names it.
   */
  takesWord(upstream: UpstreamName, origin: UpstreamName): boolean {
    if (upstream === origin) return true
    if (origin === unknownOrigin) return this.#config.upstreams.has(upstream)
    return !this.isPrivate(origin)
  }

  /** How each upstream does. */
  describeUpstreams(): readonly UpstreamState[] {
    return this.#upstreams.describe()
  }

  /** Ends what is under way at the upstreams. */
  async close(): Promise<void> {
    await this.#upstreams.close()
  }

  #rulesOf({ upstream }: Pick<Source, 'upstream'>): UpstreamConfig | undefined {
    const { upstreams } = this.#config
    return upstreams.get(upstream) ?? upstreams.get('*')
  }
}
