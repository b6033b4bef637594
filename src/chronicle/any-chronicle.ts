import type { Slot, TagCount, Trouble } from '../store/chronicle-records.ts'
import type { UrlTest } from '../upstream/test-step.ts'

/**
 * The room of how upstreams did over time: how much was asked of each, how soon it answered, what went wrong. It is
 * told of everything and decides nothing. Asked from the thread it lives in or from another.
 */
export interface AnyChronicle {
  /** Up to now, some seconds ago at most. */
  describeChronicle(query: ChronicleQuery): Promise<Chronicled>
  /** Asks an upstream step by step, within a bounded time. Throws RegistryError. */
  testUpstream(host: string): Promise<UpstreamTest>
}

export type ChronicleQuery = {
  readonly since: number
  /** Only of this one, in shorter slots, and with its troubles. */
  readonly upstream?: string | undefined
}

export type Chronicled = {
  readonly since: number
  readonly until: number
  readonly slotMs: number
  /** By time. */
  readonly slots: readonly Slot[]
  /** The latest first. */
  readonly troubles: readonly Trouble[]
  readonly tags: readonly TagCount[]
}

export type UpstreamTest = { readonly name: string; readonly urls: readonly UrlTest[] }
