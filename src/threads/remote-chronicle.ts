import type { AnyChronicle } from '../chronicle/any-chronicle.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where upstreams are asked. */
export type ChronicleCalls = {
  describeChronicle: AnyChronicle['describeChronicle']
  testUpstream: AnyChronicle['testUpstream']
}

/** How upstreams did, as a serving thread has it. */
export class RemoteChronicle implements AnyChronicle {
  readonly #calls: Calls<ChronicleCalls>

  constructor(calls: Calls<ChronicleCalls>) {
    this.#calls = calls
  }

  describeChronicle: AnyChronicle['describeChronicle'] = (query) =>
    this.#calls.call('describeChronicle', query)

  testUpstream: AnyChronicle['testUpstream'] = (host) => this.#calls.call('testUpstream', host)
}

/** What the main thread has for it. */
export function chronicleCalls(chronicle: AnyChronicle): ChronicleCalls {
  return {
    describeChronicle: (query) => chronicle.describeChronicle(query),
    testUpstream: (host) => chronicle.testUpstream(host),
  }
}
