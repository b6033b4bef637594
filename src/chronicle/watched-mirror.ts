import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { UpstreamTest } from './any-chronicle.ts'

/** What the chronicle asks of the mirror. */
export type WatchedMirror = {
  describeUpstreams(): Promise<readonly UpstreamState[]>
  /** How long a tag is fresh. */
  tagTtlMs(upstream: UpstreamState['name']): number
  testUpstream(host: string, signal: AbortSignal): Promise<UpstreamTest>
}
