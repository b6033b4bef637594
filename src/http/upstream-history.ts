import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type {
  HistorySlot,
  SlotTotals,
  UpstreamHistory,
  UpstreamHistoryAnswer,
  UpstreamTrouble,
} from '../answers/upstreams.ts'
import { addCounts } from '../chronicle/add-counts.ts'
import type { Chronicled } from '../chronicle/any-chronicle.ts'
import { findFirstByte } from '../chronicle/first-byte.ts'
import { isRepository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { toTime } from './inspection-json.ts'

type Slot = Chronicled['slots'][number]
type Trouble = Chronicled['troubles'][number]

type Viewer = {
  readonly access: Access
  readonly caller: Caller
  /** The only one that is asked for. */
  readonly upstream: string | undefined
}

export function toHistoryAnswer(told: Chronicled, viewer: Viewer): UpstreamHistoryAnswer {
  const slots = Map.groupBy(told.slots, ({ upstream }) => upstream)
  const tags = new Map(told.tags.map((count) => [count.upstream, count]))
  const named =
    viewer.upstream === undefined ? [...slots.keys(), ...tags.keys()] : [viewer.upstream]
  const upstreams = [...new Set(named)].sort().map((name): UpstreamHistory => {
    const { kept, due } = tags.get(name) ?? {}
    const counts = kept === undefined || due === undefined ? {} : { tags: { kept, due } }
    return { name, ...toHistory(slots.get(name) ?? []), ...counts, ...tellTroubles(told, viewer) }
  })
  const { since, until, slotMs } = told
  const times = { since: new Date(since).toISOString(), until: new Date(until).toISOString() }
  return { ...times, slotSeconds: slotMs / 1000, upstreams }
}

function toHistory(
  slots: readonly Slot[],
): Pick<UpstreamHistory, 'totals' | 'urls' | 'answeredAt'> {
  const byUrl = Map.groupBy(slots, ({ url }) => url)
  const urls = [...byUrl].map(([url, ofUrl]) => ({ url, slots: ofUrl.map(toSlot) }))
  const answeredAt = toTime(
    slots.reduce((last, slot) => Math.max(last, slot.answeredAt), 0) || undefined,
  )
  const totals = toTotals(addCounts(slots.map(({ counts }) => counts)))
  return { totals, ...(answeredAt && { answeredAt }), urls }
}

function toSlot({ at, counts }: Slot): HistorySlot {
  return { at: new Date(at).toISOString(), ...toTotals(counts) }
}

function toTotals(counts: Slot['counts']): SlotTotals {
  const { requests, limited, unavailable, invalid, denied, bytes, downMs, limitedMs } = counts
  const [p50Ms, p95Ms] = [findFirstByte(counts, 0.5), findFirstByte(counts, 0.95)]
  return {
    requests,
    failed: limited + unavailable + invalid,
    failures: { limited, unavailable, invalid, denied },
    bytes,
    ...(p50Ms !== undefined && { p50Ms: Math.round(p50Ms) }),
    ...(p95Ms !== undefined && { p95Ms: Math.round(p95Ms) }),
    downSeconds: Math.round(downMs / 1000),
    limitedSeconds: Math.round(limitedMs / 1000),
  }
}

function tellTroubles({ troubles }: Chronicled, viewer: Viewer): Pick<UpstreamHistory, 'troubles'> {
  if (viewer.upstream === undefined) return {}
  return { troubles: troubles.map((trouble) => toTrouble(trouble, viewer)) }
}

function toTrouble(trouble: Trouble, { access, caller }: Viewer): UpstreamTrouble {
  const { kind, url, message, times, repository } = trouble
  const source = { upstream: trouble.upstream as UpstreamName }
  const maySee = isRepository(repository) && access.may(caller, 'pull', { ...source, repository })
  return {
    kind,
    url,
    message,
    ...(maySee && { repository }),
    firstAt: new Date(trouble.firstAt).toISOString(),
    lastAt: new Date(trouble.lastAt).toISOString(),
    times,
  }
}
