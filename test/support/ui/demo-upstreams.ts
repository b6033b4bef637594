import type { BudgetSample } from '../../../src/store/budget-records.ts'
import {
  type Slot,
  type SlotCounter,
  slotCounterNames,
  slotLengthsMs,
  type Trouble,
} from '../../../src/store/chronicle-records.ts'
import { openStores } from '../../../src/store/open-stores.ts'

const hourMs = 3_600_000
const slotMs = slotLengthsMs.short
/** So long short slots are kept. */
const shortHours = 48
const everyHours = 24 * 30
/** In hours before now: Docker Hub limits us, and quay.io is away. */
const limitedAt = 5
const awayAt = 11

/** By name, where each is. */
type Urls = Readonly<Record<string, string>>

/**
 * Writes into a data folder that no server uses how upstreams did for a month: the same for the same `now`, with
 * one that had an outage and one that limited us.
 */
export const writeDemoUpstreams = async (data: string, urls: Urls, now: number): Promise<void> => {
  const fail = (error: unknown) => {
    throw error
  }
  const stores = await openStores(data, { onError: fail, onFault: fail, onRecovered: () => {} })
  const last = now - (now % slotMs)
  for (let hour = everyHours; hour >= 0; hour--) {
    const perHour = hour <= shortHours ? hourMs / slotMs : 1
    const times = Array.from(
      { length: perHour },
      (_, index) => last - hour * hourMs + index * slotMs,
    )
    const slots = times
      .filter((at) => at <= last)
      .flatMap((at) => slotsAt(urls, { at, hour, share: 1 / perHour }))
    await stores.chronicle.addChronicle({
      slots,
      troubles: hour === 0 ? troublesOf(urls, now) : [],
    })
  }
  await stores.budget.recordBudgets(budgetsOf(now))
  await stores.close()
}

type Time = { readonly at: number; readonly hour: number; readonly share: number }

const slotsAt = (urls: Urls, { at, hour, share }: Time): readonly Slot[] =>
  Object.entries(urls).map(([upstream, url], place) => {
    const isDay = [7, 18].every((hours, end) => new Date(at).getUTCHours() < hours === (end === 1))
    const busy = (isDay ? 90 : 12) * (1 + 0.5 * Math.sin(at / hourMs / 5 + place))
    const requests = Math.max(1, Math.round((busy * share * 3) / (place + 1)))
    const isAway = upstream === 'quay.io' && hour === awayAt
    const isLimited = upstream === 'docker.io' && hour === limitedAt
    const failed = isAway ? requests : isLimited ? 1 : 0
    const counts: Partial<Record<SlotCounter, number>> = {
      requests,
      bytes: (requests - failed) * 9_000_000,
      unavailable: isAway ? failed : 0,
      limited: isLimited ? failed : 0,
      downMs: isAway ? slotMs * 0.6 : 0,
      limitedMs: isLimited ? slotMs * 0.2 : 0,
      took3: Math.round((requests - failed) * (isDay ? 0.2 : 0.6)),
      took4: Math.round((requests - failed) * 0.3),
      took5: Math.ceil((requests - failed) * (isDay ? 0.4 : 0.1)),
      took7: Math.round((requests - failed) * 0.06),
    }
    const none = Object.fromEntries(slotCounterNames.map((name) => [name, 0]))
    const all = { ...none, ...counts } as Record<SlotCounter, number>
    return { upstream, url, at, answeredAt: failed < requests ? at : 0, counts: all }
  })

const troublesOf = (urls: Urls, now: number): readonly Trouble[] => {
  const trouble = (
    upstream: string,
    kind: Trouble['kind'],
    { hour, message, times = 1 }: { hour: number; message: string; times?: number },
  ): Trouble => {
    const at = now - hour * hourMs
    const when = { firstAt: at - times * 4_000, lastAt: at }
    const repository = kind === 'down' || kind === 'up' ? '' : 'library/node'
    return { upstream, url: urls[upstream] ?? '', kind, repository, message, times, ...when }
  }
  const reset = 'quay.io broke the connection'
  const limit = 'docker.io limits our requests at the moment (429)'
  return [
    trouble('quay.io', 'unavailable', { hour: awayAt, message: reset, times: 41 }),
    trouble('quay.io', 'down', { hour: awayAt - 0.1, message: reset }),
    trouble('quay.io', 'up', { hour: awayAt - 0.9, message: 'quay.io answers again' }),
    trouble('docker.io', 'limited', { hour: limitedAt, message: limit, times: 3 }),
    trouble('docker.io', 'down', { hour: limitedAt - 0.1, message: limit }),
    trouble('docker.io', 'up', { hour: limitedAt - 0.3, message: 'docker.io may be asked again' }),
  ]
}

const budgetsOf = (now: number): readonly BudgetSample[] =>
  Array.from({ length: 12 * 24 }, (_, index): BudgetSample => {
    const at = now - (now % slotMs) - (12 * 24 - 1 - index) * slotMs
    const remaining = Math.round(64 + 30 * Math.sin(at / hourMs / 3))
    const said = { limit: 100, remaining, lowest: remaining, windowSeconds: 21_600 }
    return { upstream: 'docker.io', account: '198.51.100.7', at, heardAt: at, ...said }
  })
