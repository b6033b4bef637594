import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type {
  AnyEvents,
  Event,
  EventSink,
  EventStream,
  NewEvent,
  StreamOptions,
} from './any-events.ts'
import { OpenStream } from './open-stream.ts'
import { RecentEvents } from './recent-events.ts'
import { StreamPlaces } from './stream-places.ts'

const aroundDataBytes = 300

type Listener = (event: Event) => void

/** Where all that happens is told, in the main thread, and where it goes out to whoever listens. */
export class Events implements AnyEvents, EventSink {
  readonly #now: () => number
  /** Tells the events of this run from those of others. */
  readonly #run = randomBytes(6).toString('hex')
  // CloudEvents §source: a URI-reference; by the host's name receivers of several servers tell them apart.
  readonly #source = `//${encodeURIComponent(hostname())}/entrepot`
  readonly #recent = new RecentEvents()
  readonly #places = new StreamPlaces()
  readonly #streams = new Set<OpenStream>()
  readonly #listeners: Listener[] = []
  #lastNumber = 0
  #isClosed = false

  constructor(now: () => number) {
    this.#now = now
  }

  emit(happened: NewEvent): void {
    const number = ++this.#lastNumber
    const event = this.#toEvent(happened, number)
    if (!event.isPassing) this.#recent.add(number, event)
    const bytes = this.#streams.size > 0 ? measure(event) : 0
    for (const stream of this.#streams) stream.add(event, bytes)
    for (const listener of this.#listeners) listener(event)
  }

  /** Hears of every event from now on; it must neither throw nor take long. */
  listen(listener: Listener): void {
    this.#listeners.push(listener)
  }

  async open({ client, kinds, after }: StreamOptions): Promise<EventStream> {
    const giveBack = this.#places.take(client)
    const onClose = () => {
      this.#streams.delete(stream)
      giveBack()
    }
    const backlog = after === undefined ? [] : this.#listAfter(after)
    const stream = new OpenStream({ kinds: new Set(kinds), backlog, onClose })
    this.#streams.add(stream)
    // It may have been asked for while the server began to stop.
    if (this.#isClosed) stream.close()
    return stream
  }

  /** Ends all streams, in all threads. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#streams) stream.close()
  }

  /** Of an id that isn't of this run, all that is remembered was missed, and perhaps more. */
  #listAfter(id: string): readonly Event[] {
    const [run, number = ''] = id.split('-')
    const isOfRun = run === this.#run && /^\d{1,15}$/.test(number)
    const { events, isWhole } = this.#recent.listAfter(isOfRun ? Number(number) : 0)
    if (isOfRun && isWhole) return events
    const missed = this.#toEvent({ kind: 'missed', data: {} }, ++this.#lastNumber)
    return [missed, ...events]
  }

  #toEvent(happened: NewEvent, number: number): Event {
    const id = `${this.#run}-${number}`
    const isPassing = isOverAtOnce(happened)
    return { ...happened, id, source: this.#source, at: this.#now(), isPassing }
  }
}

/** With what is around its data. */
function measure({ data }: Event): number {
  return aroundDataBytes + JSON.stringify(data).length
}

/** The next one says more than it did. */
function isOverAtOnce(event: NewEvent): boolean {
  if (event.kind === 'fetch') return event.data.state === 'progress'
  return event.kind === 'serving' || event.kind === 'missed'
}
