import type { HistorySlot, UpstreamHistory, UpstreamsAnswer } from '../../answers/upstreams.ts'

export type UpstreamState = UpstreamsAnswer['upstreams'][number]
export type UrlState = UpstreamState['urls'][number]

export type Health = {
  readonly kind: 'ok' | 'warning' | 'error' | 'off'
  /** One word, or two. */
  readonly word: string
  /** What that means, in a sentence. */
  readonly what: string
  /** The worst first. */
  readonly rank: number
}

/** Answers that take longer than that to begin are slow for whoever waits. */
const slowMs = 2_000
const recentMs = 3_600_000

/** How an upstream does, all in all. */
export function healthOf(
  state: UpstreamState,
  history: UpstreamHistory | undefined,
  now: number,
): Health {
  const { offline, urls } = state
  if (offline) return off
  const bad = urls.filter((url) => url.state !== 'up')
  const [first] = bad
  const reason = first?.reason ?? ''
  if (bad.length === urls.length && first) {
    const isLimited = bad.every((url) => url.state === 'limited')
    return isLimited
      ? { kind: 'warning', word: 'limited', what: reason, rank: 1 }
      : { kind: 'error', word: 'down', what: reason, rank: 0 }
  }
  if (first) return { kind: 'warning', word: 'partly down', what: reason, rank: 2 }
  return isSlow(history, now) ? slow : well
}

const off: Health = {
  kind: 'off',
  word: 'offline',
  what: 'This mirror is offline: no upstream is asked.',
  rank: 3,
}
const slow: Health = {
  kind: 'warning',
  word: 'slow',
  what: 'Its answers took more than 2 s to begin, in the last hour.',
  rank: 2,
}
const well: Health = { kind: 'ok', word: 'OK', what: 'It answers.', rank: 4 }

function isSlow(history: UpstreamHistory | undefined, now: number): boolean {
  const slots = history?.urls.flatMap((url) => url.slots) ?? []
  const recent = slots.filter(({ at }) => now - Date.parse(at) < recentMs)
  return recent.some(({ p50Ms = 0 }) => p50Ms > slowMs)
}

export type Cell = {
  readonly at: number
  readonly look: 'none' | 'ok' | 'failed' | 'down'
  readonly requests: number
  readonly failed: number
  readonly absentSeconds: number
  readonly p50Ms?: number | undefined
}

/** What each slot of a time was like, of all addresses together; one in which nothing was asked is there too. */
export function toCells(
  history: UpstreamHistory | undefined,
  { since, until, slotMs }: { since: number; until: number; slotMs: number },
): readonly Cell[] {
  const slots = new Map<number, HistorySlot[]>()
  for (const slot of history?.urls.flatMap((url) => url.slots) ?? []) {
    const at = Date.parse(slot.at)
    slots.set(at, [...(slots.get(at) ?? []), slot])
  }
  const count = Math.min(1_000, Math.ceil((until - since) / slotMs))
  return Array.from({ length: count }, (_, index) => {
    const at = since + index * slotMs
    return toCell(at, slots.get(at) ?? [])
  })
}

function toCell(at: number, slots: readonly HistorySlot[]): Cell {
  const sum = (read: (slot: HistorySlot) => number) =>
    slots.reduce((total, slot) => total + read(slot), 0)
  const [requests, failed] = [sum((slot) => slot.requests), sum((slot) => slot.failed)]
  const absentSeconds = sum(({ downSeconds, limitedSeconds }) => downSeconds + limitedSeconds)
  const known = slots.filter(({ p50Ms }) => p50Ms !== undefined)
  const busiest = known.toSorted((one, other) => other.requests - one.requests)[0]
  return { at, requests, failed, absentSeconds, p50Ms: busiest?.p50Ms, look: lookOf() }

  function lookOf(): Cell['look'] {
    if (absentSeconds > 0) return 'down'
    if (failed > 0) return 'failed'
    return requests > 0 ? 'ok' : 'none'
  }
}
