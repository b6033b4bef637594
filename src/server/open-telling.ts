import { Budgets } from '../budget/budgets.ts'
import { Chronicle } from '../chronicle/chronicle.ts'
import { Events } from '../events/events.ts'
import { TrafficEvents } from '../events/traffic-events.ts'
import { Counted } from '../metrics/counted.ts'
import { tellOfBudget } from '../notices/budget.ts'
import type { Opening } from './opening.ts'
import { closeTraffic, openTraffic, type Traffic } from './traffic.ts'

/** What is heard, and what is made of it. */
export type Telling = {
  readonly events: Events
  readonly counted: Counted
  readonly budget: Budgets
  readonly chronicle: Chronicle
  readonly traffic: Traffic
}

export async function openTelling(opening: Opening): Promise<Telling> {
  const { config, log, clock, stores, access, onError, opened } = opening
  const { now } = clock
  const events = new Events(now)
  const counted = new Counted(config)
  const listeners = [new TrafficEvents(events), counted]
  const traffic = await openTraffic({ stores, config, access, now, onError, listeners })
  opened.defer(() => closeTraffic(traffic))
  const records = { records: stores.budget, ledger: stores.ledger }
  const onBudget = tellOfBudget(log.logger)
  const budget = await Budgets.open({ ...records, now, onBudget, onError })
  opened.defer(() => budget.close())
  const chronicle = new Chronicle({ records: stores.chronicle, now, onError })
  opened.defer(() => chronicle.close())
  return { events, counted, budget, chronicle, traffic }
}
