import { randomUUID } from 'node:crypto'
import type { Rooms } from '../http/rooms.ts'
import type { Lease } from '../mirror/lease.ts'
import type { ManifestPull } from '../mirror/manifests.ts'
import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { Ledger } from '../traffic/ledger.ts'
import { AtPosting } from './calls.ts'
import { HostedHost } from './hosted-host.ts'
import type { MainCalls, PlainBlob, PlainLease, PlainManifest } from './main-calls.ts'
import { OpenPulls } from './open-pulls.ts'
import { toError } from './plain-error.ts'
import { administrationCalls } from './remote-administration.ts'
import { adviceCalls } from './remote-advice.ts'
import { catalogCalls } from './remote-catalog.ts'
import { chronicleCalls } from './remote-chronicle.ts'
import { EventHost } from './remote-events.ts'
import { loginCalls } from './remote-logins.ts'
import { metricsCalls } from './remote-metrics.ts'
import { reportCalls } from './remote-reports.ts'
import { spaceCalls } from './remote-space.ts'

type Settings = Omit<Rooms, 'access'> & {
  readonly onListening: () => void
  readonly findFault: () => Promise<string | undefined>
  /** Where what the thread answers is counted. */
  readonly ledger: Pick<Ledger, 'add' | 'forget'>
  readonly writeLog: (lines: string) => void
  /** A serving thread couldn't read a kept blob. */
  readonly onUnreadable: (digest: Digest, error: Error) => void
  readonly onError: (error: unknown, what: string) => void
}

/** The same functions, some of whose results are made when they are posted. */
type Answering<Functions extends { [Name in keyof Functions]: (...values: never[]) => unknown }> = {
  readonly [Name in keyof Functions]: (
    ...values: Parameters<Functions[Name]>
  ) =>
    | ReturnType<Functions[Name]>
    | Promise<
        AtPosting<Awaited<ReturnType<Functions[Name]>>> | Awaited<ReturnType<Functions[Name]>>
      >
}

/** The mirror as one serving thread sees it, in the main thread: it does what the thread asks for. */
export class MirrorHost {
  readonly #settings: Settings
  readonly #open: OpenPulls
  readonly #hosted: HostedHost
  /** Of no two threads the same. */
  readonly #name = randomUUID()
  readonly #events: EventHost

  constructor(settings: Settings) {
    this.#settings = settings
    this.#open = new OpenPulls(settings.onError)
    this.#hosted = new HostedHost(settings.hosted, settings.onError)
    this.#events = new EventHost(settings.events)
  }

  /** What the thread may call. */
  get calls(): Answering<MainCalls> {
    const {
      mirror,
      catalog,
      space,
      reports,
      advice,
      authentication,
      administration,
      audit,
      metrics,
      budget,
      chronicle,
      ledger,
      findFault,
      writeLog,
      onListening,
      onUnreadable,
    } = this.#settings
    return {
      ...this.#hosted.calls,
      ...this.#events.calls,
      ...catalogCalls(catalog),
      ...spaceCalls(space),
      ...reportCalls(reports),
      ...adviceCalls(advice),
      ...loginCalls(authentication),
      ...administrationCalls(administration),
      ...metricsCalls(metrics),
      ...chronicleCalls(chronicle),
      noteListening: onListening,
      pullManifest: async (source, reference, method) =>
        asPlainManifest(await mirror.pullManifest(source, reference, method)),
      headBlob: (source, digest) => mirror.headBlob(source, digest),
      pullBlob: (source, digest) => this.#pullBlob(source, digest),
      openRange: (pullId, range, isOnly) => this.#open.openRange(pullId, range, isOnly),
      read: (readerId, length, position) => this.#open.read(readerId, length, position),
      view: (readerId, position) => this.#open.view(readerId, position),
      closeReader: (readerId) => this.#open.closeReader(readerId),
      closePull: (pullId) => this.#open.closePull(pullId),
      doubtBlob: (digest, error) => onUnreadable(digest, toError(error)),
      noteServed: (served) => {
        for (const each of served) mirror.noteServed(each)
      },
      noteAudit: (event) => audit.note(event),
      describeBudget: (since) => budget.describeBudget(since),
      noteTraffic: (tallied) => ledger.add(this.#name, tallied),
      listTags: (source, page) => mirror.listTags(source, page),
      listReferrers: (source, subject, page) => mirror.listReferrers(source, subject, page),
      listRepositories: (page) => mirror.listRepositories(page),
      warm: (source, wanted) => mirror.warm(source, wanted),
      describeUpstreams: () => mirror.describeUpstreams(),
      describeOffline: () => mirror.describeOffline(),
      switchOffline: (isOn) => mirror.switchOffline(isOn),
      findFault,
      writeLog,
    }
  }

  /** The thread has ended: what it had open is closed. */
  async close(): Promise<void> {
    this.#settings.ledger.forget(this.#name)
    this.#events.close()
    await Promise.all([this.#open.close(), this.#hosted.close()])
  }

  async #pullBlob(source: Source, digest: Digest): Promise<PlainBlob | AtPosting<PlainBlob>> {
    const pull = await this.#settings.mirror.pullBlob(source, digest)
    const { sizeBytes, cache, lease } = pull
    if (lease) {
      await pull.close()
      return new AtPosting(() => {
        const plain = toPlainLease(lease)
        return plain ? { kind: 'kept', sizeBytes, cache, lease: plain } : { kind: 'again' }
      })
    }
    return { kind: 'remote', id: await this.#open.add(pull), sizeBytes, cache }
  }
}

function asPlainManifest({ bytes, lease, ...rest }: ManifestPull): AtPosting<PlainManifest> {
  return new AtPosting(() => ({ ...rest, bytes, lease: lease && toPlainLease(lease) }))
}

/** Undefined if it was taken back by now; if it is later, the message that says so comes later too. */
function toPlainLease({ key, freshness, isRevoked }: Lease): PlainLease | undefined {
  return isRevoked ? undefined : { key, freshness }
}
