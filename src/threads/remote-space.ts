import type { AnyBackups } from '../backup/any-backups.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { AnyVerification } from '../space/any-verification.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where what is kept is known. */
export type SpaceCalls = Omit<AnySpace, 'describe' | 'verification' | 'backups'> & {
  describeSpace: AnySpace['describe']
  describeVerification: AnyVerification['describe']
  startVerification: AnyVerification['start']
  stopVerification: AnyVerification['stop']
  describeBackups: AnyBackups['describe']
  startBackup: AnyBackups['start']
  stopBackup: AnyBackups['stop']
}

/** Space as a serving thread has it. */
export class RemoteSpace implements AnySpace {
  readonly #calls: Calls<SpaceCalls>

  constructor(calls: Calls<SpaceCalls>) {
    this.#calls = calls
  }

  describe: AnySpace['describe'] = () => this.#calls.call('describeSpace')

  describeParts: AnySpace['describeParts'] = () => this.#calls.call('describeParts')

  listNext: AnySpace['listNext'] = (page) => this.#calls.call('listNext', page)

  listEvictions: AnySpace['listEvictions'] = (page) => this.#calls.call('listEvictions', page)

  describeHistory: AnySpace['describeHistory'] = (query) =>
    this.#calls.call('describeHistory', query)

  readonly verification: AnyVerification = {
    describe: () => this.#calls.call('describeVerification'),
    start: (options) => this.#calls.call('startVerification', options),
    stop: () => this.#calls.call('stopVerification'),
  }

  readonly backups: AnyBackups = {
    describe: () => this.#calls.call('describeBackups'),
    start: (name) => this.#calls.call('startBackup', name),
    stop: () => this.#calls.call('stopBackup'),
  }

  evict: AnySpace['evict'] = (options) => this.#calls.call('evict', options)

  evictImage: AnySpace['evictImage'] = (source, reference, options) =>
    this.#calls.call('evictImage', source, reference, options)

  planPin: AnySpace['planPin'] = (text) => this.#calls.call('planPin', text)

  explainImage(source: Source, reference: Reference): ReturnType<AnySpace['explainImage']> {
    return this.#calls.call('explainImage', source, reference)
  }

  explainDigest(digest: Digest): ReturnType<AnySpace['explainDigest']> {
    return this.#calls.call('explainDigest', digest)
  }

  listPins: AnySpace['listPins'] = () => this.#calls.call('listPins')

  findPin: AnySpace['findPin'] = (source, digest) => this.#calls.call('findPin', source, digest)

  arePinned: AnySpace['arePinned'] = (source, images) =>
    this.#calls.call('arePinned', source, images)

  pin: AnySpace['pin'] = (text) => this.#calls.call('pin', text)

  unpin: AnySpace['unpin'] = (text) => this.#calls.call('unpin', text)
}

/** What the main thread has for it. */
export function spaceCalls(space: AnySpace): SpaceCalls {
  return {
    describeSpace: () => space.describe(),
    describeParts: () => space.describeParts(),
    listNext: (page) => space.listNext(page),
    listEvictions: (page) => space.listEvictions(page),
    describeHistory: (query) => space.describeHistory(query),
    describeVerification: () => space.verification.describe(),
    startVerification: (options) => space.verification.start(options),
    stopVerification: () => space.verification.stop(),
    describeBackups: () => space.backups.describe(),
    startBackup: (name) => space.backups.start(name),
    stopBackup: () => space.backups.stop(),
    evict: (options) => space.evict(options),
    evictImage: (source, reference, options) => space.evictImage(source, reference, options),
    planPin: (text) => space.planPin(text),
    explainImage: (source, reference) => space.explainImage(source, reference),
    explainDigest: (digest) => space.explainDigest(digest),
    listPins: () => space.listPins(),
    findPin: (source, digest) => space.findPin(source, digest),
    arePinned: (source, images) => space.arePinned(source, images),
    pin: (text) => space.pin(text),
    unpin: (text) => space.unpin(text),
  }
}
