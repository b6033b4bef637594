/** Of no upstream: pushed here, or not understood. */
const noUpstream = 'none'
/** Any that mirrors.yaml doesn't name: met through `*`, or named once. */
const otherUpstream = 'other'

/** Which upstreams have series of their own: those that a person named, so that nobody else makes more. */
export class UpstreamLabels {
  #named: ReadonlySet<string> = new Set()

  get named(): ReadonlySet<string> {
    return this.#named
  }

  configure(upstreams: ReadonlyMap<string, unknown>): void {
    this.#named = new Set([...upstreams.keys()].filter((name) => name !== '*'))
  }

  /** `''` and undefined stand for none. */
  labelOf(upstream: string | undefined): string {
    if (upstream === undefined || upstream === '') return noUpstream
    return this.#named.has(upstream) ? upstream : otherUpstream
  }

  isLabel(text: string): boolean {
    return text === noUpstream || text === otherUpstream || this.#named.has(text)
  }
}
