import type { AnyBackups } from '../backup/any-backups.ts'
import { BoundedQueue } from '../bounded-queue.ts'
import type { Config } from '../config/config.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { pushedHere, type Source, unknownOrigin } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Stores } from '../store/open-stores.ts'
import type { SpaceHistoryQuery, SpaceSample } from '../store/space-history-records.ts'
import type { EvictionPage, ListedEviction, Usage } from '../store/space-records.ts'
import type {
  AnySpace,
  PartedSpace,
  PinList,
  SpaceOverTime,
  SpaceState,
  TaggedImage,
  WantedEviction,
} from './any-space.ts'
import { type EvictedImage, Evictor } from './evictor.ts'
import { keptFree, type Limits } from './excess.ts'
import { type Explanation, Explanations } from './explanations.ts'
import { findVictims, type ImageEviction, planImages } from './image-eviction.ts'
import { KeptParts } from './kept-parts.ts'
import { listNext, type NextPage, type NextVictims } from './next-evictions.ts'
import { completePattern } from './pin-pattern.ts'
import { Pins, toNames } from './pins.ts'
import { Pressure, type SpaceNotices } from './pressure.ts'
import { SpaceHistory } from './space-history.ts'
import { type Healing, Verification } from './verification.ts'

type Settings = {
  readonly stores: Stores
  readonly config: Config
  readonly now: () => number
  readonly onEvicted: (image: EvictedImage) => void
  readonly onGone: (digest: Digest) => void
  readonly backups: AnyBackups
  /** Of what is found wrong. */
  readonly healing: Healing
  readonly notices: SpaceNotices
  /** Whether no upstream may be asked. */
  readonly isOffline: () => boolean
}

const mostPatternLength = 500
/** To tell what would go, all before it is gone through: seconds of work, further down. */
const places = { atOnce: 1, mostWaiting: 10, what: 'lists of what would go next' }

/** The room of space: how full the disk may be, what goes when it is fuller, and what never goes. */
export class Space implements AnySpace {
  readonly #settings: Settings
  readonly #pins: Pins
  readonly #evictor: Evictor
  readonly #explanations: Explanations
  readonly #pressure: Pressure
  readonly #parts: KeptParts
  readonly #history: SpaceHistory
  readonly #lists = new BoundedQueue(places)
  readonly verification: Verification
  readonly backups: AnyBackups
  readonly #stopping = new AbortController()
  #config: Config

  private constructor(settings: Settings, pins: Pins) {
    const { stores, config, now, notices, onEvicted, onGone } = settings
    const { signal } = this.#stopping
    const onError: SpaceNotices['onError'] = (...said) => notices.onError(...said)
    this.#settings = settings
    this.#pins = pins
    this.#config = config
    const evictor = new Evictor({ stores, pins, now, onEvicted, onGone, onError, signal })
    this.#evictor = evictor
    const minAgeMs = () => this.#config.space.minAgeMs
    this.#explanations = new Explanations({ stores, pins, now, minAgeMs })
    this.#parts = new KeptParts({ stores, pins, now, onError })
    const measure = () => this.#measureSample()
    this.#history = new SpaceHistory({ stores, now, measure, onError })
    this.backups = settings.backups
    this.verification = new Verification({ stores, now, onError, ...settings.healing })
    const limits = () => toLimits(this.#config)
    const before = () => this.#before()
    const asked = { stores, evictor, notices, now, limits, before, signal }
    this.#pressure = new Pressure({ ...asked, isOffline: settings.isOffline })
  }

  static async open(settings: Settings): Promise<Space> {
    const pins = await Pins.open(settings.stores.space, configuredPins(settings.config))
    return new Space(settings, pins)
  }

  /** Takes up a changed configuration. */
  configure(config: Config): void {
    this.#config = config
    this.#pins.configure(configuredPins(config))
    this.#parts.noteChange()
    this.#pressure.noteLimits()
  }

  async describe(): Promise<SpaceState> {
    return this.#describe(await this.#settings.stores.space.measureUsage())
  }

  async describeParts(): Promise<PartedSpace> {
    const usage = await this.#settings.stores.space.measureUsage()
    return { ...(await this.#describe(usage)), parts: await this.#parts.describe(usage) }
  }

  async #describe(usage: readonly Usage[]): Promise<SpaceState> {
    const use = await this.#settings.stores.room.measure()
    const { high, low } = this.#config.space
    return {
      disk: { ...use, keptFreeBytes: keptFree(this.#config.space, use), high, low },
      kept: usage.map(({ upstream, ...its }) => ({
        upstream: upstream === pushedHere ? undefined : upstream,
        ...its,
      })),
    }
  }

  async evict({ isDryRun, toShare }: Parameters<AnySpace['evict']>[0]): Promise<WantedEviction> {
    const { stores, notices } = this.#settings
    const reason = 'by hand'
    let wantedBytes = 0
    const makeRun = async () => {
      const use = await stores.room.measure()
      const bytes = use.usedBytes - use.totalBytes * (toShare ?? this.#config.space.low)
      wantedBytes = Math.max(0, Math.ceil(bytes))
      return { bytes, upstream: undefined, before: this.#before(), reason }
    }
    if (isDryRun) return { ...(await this.#evictor.plan(await makeRun())), wantedBytes }
    const eviction = await this.#pressure.run(makeRun)
    this.#parts.noteChange()
    if (eviction.freedBytes > 0) notices.onEviction(eviction, reason)
    return { ...eviction, wantedBytes }
  }

  async evictImage(
    source: Source,
    reference: Reference,
    { isDryRun }: { isDryRun: boolean },
  ): Promise<ImageEviction> {
    const asked = { stores: this.#settings.stores, pins: this.#pins }
    const plan = async () => {
      const images = await findVictims(asked, source, reference)
      return { images, planned: await planImages(asked, images) }
    }
    if (isDryRun) return (await plan()).planned
    return this.#pressure.alone(async () => {
      const { images, planned } = await plan()
      const eviction = await this.#evictor.evictImages(images, 'by hand')
      if (eviction.victims.length > 0) this.#settings.notices.onEviction(eviction, 'by hand')
      this.#parts.noteChange()
      const { victims, freedBytes } = eviction
      return { victims, freedBytes, keptBytes: planned.keptBytes }
    })
  }

  listNext(page: NextPage): Promise<NextVictims> {
    const settings = { stores: this.#settings.stores, pins: this.#pins, before: this.#before() }
    return this.#lists.run(() => listNext(settings, page))
  }

  listEvictions(page: EvictionPage): Promise<readonly ListedEviction[]> {
    return this.#settings.stores.space.listEvictions(page)
  }

  async describeHistory(query: SpaceHistoryQuery): Promise<SpaceOverTime> {
    const { stores } = this.#settings
    const samples = await stores.spaceHistory.listSpace(query)
    return { samples, evictions: await stores.space.sumEvictions(query) }
  }

  explainImage(source: Source, reference: Reference): Promise<Explanation> {
    return this.#explanations.explainImage(source, reference)
  }

  explainDigest(digest: Digest): Promise<Explanation> {
    return this.#explanations.explainDigest(digest)
  }

  async listPins(): Promise<PinList> {
    return this.#pins.list()
  }

  async findPin(source: Source, digest: Digest): Promise<string | undefined> {
    if (!this.#pins.mayHold(source)) return undefined
    const { space } = this.#settings.stores
    const image = await space.findColdImage(source, digest)
    return image && this.#pins.find(toNames(image, await space.findHolders(image)))
  }

  async arePinned(source: Source, images: readonly TaggedImage[]): Promise<readonly boolean[]> {
    return images.map(({ tag, digest }) => {
      return this.#pins.find({ source, digest, tags: [tag] }) !== undefined
    })
  }

  async planPin(text: string): ReturnType<AnySpace['planPin']> {
    const pattern = this.#readPattern(text)
    return { pattern, isNew: !this.#pins.list().added.includes(pattern) }
  }

  async pin(text: string): ReturnType<AnySpace['pin']> {
    const pattern = this.#readPattern(text)
    const isNew = await this.#pins.add(pattern, this.#settings.now())
    this.#parts.noteChange()
    return { pattern, isNew }
  }

  /** Also as it stands in the list, whatever the configuration was when it was pinned. */
  async unpin(text: string): ReturnType<AnySpace['unpin']> {
    const pattern = completePattern(text, this.#config)
    for (const each of new Set([pattern, text])) {
      const wasPinned = await this.#pins.remove(each)
      this.#parts.noteChange()
      if (wasPinned) return { pattern: each, wasPinned }
    }
    return { pattern, wasPinned: false }
  }

  /** Ends an eviction that is under way, after the image that it is at. */
  async close(): Promise<void> {
    this.#stopping.abort()
    const { verification } = this
    await Promise.all([verification.close(), this.#pressure.close(), this.#parts.close()])
    await this.#history.close()
  }

  async #measureSample(): Promise<Omit<SpaceSample, 'at'>> {
    const { disk, parts } = await this.describeParts()
    return { totalBytes: disk.totalBytes, usedBytes: disk.usedBytes, ...parts }
  }

  #readPattern(text: string): string {
    const pattern = completePattern(text, this.#config)
    const fault = findFault(pattern)
    if (fault === undefined) return pattern
    const what = `${quote(text)} is no name of an image, nor a pattern of such: ${fault}`
    throw new RegistryError('NAME_INVALID', what)
  }

  #before(): number {
    return this.#settings.now() - this.#config.space.minAgeMs
  }
}

function configuredPins(config: Config): readonly string[] {
  return config.space.pins.map((text) => completePattern(text, config))
}

function findFault(pattern: string): string | undefined {
  if (pattern.length > mostPatternLength) return `it has more than ${mostPatternLength} characters`
  return /[\s\p{Cc}]/u.test(pattern) ? 'names have no spaces' : undefined
}

function toLimits({ space, upstreams }: Config): Limits {
  const maxBytesOf = (upstream: UpstreamName) =>
    upstream === unknownOrigin
      ? undefined
      : (upstreams.get(upstream) ?? upstreams.get('*'))?.maxSizeBytes
  return { ...space, maxBytesOf }
}
