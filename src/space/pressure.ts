import type { DiskUse } from '../store/disk-room.ts'
import type { Stores } from '../store/open-stores.ts'
import type { Usage } from '../store/space-records.ts'
import { Crowding, type Growth } from './crowding.ts'
import { DiskAlarm } from './disk-alarm.ts'
import type { Eviction, Evictor, Run } from './evictor.ts'
import { type Excess, findExcess, keptFree, type Limits, sumMirrored } from './excess.ts'

/** What whoever runs the server is told. */
export type SpaceNotices = {
  onEviction(eviction: Eviction, reason: string): void
  /** All that may go is gone, and it isn't enough. */
  onExhausted(reason: string): void
  /** Nothing goes by itself: it couldn't be fetched again. */
  onOffline(reason: string): void
  /** Other data fills the disk: the cache gives way once, and then holds its size. */
  onCrowded(use: DiskUse): void
  /** Nothing new is kept from now on, or it is again. */
  onLow(isLow: boolean, use: DiskUse): void
  /** The disk is too full, and what goes by itself doesn't help; told once, until it is over. */
  onHigh(reason: string, use: DiskUse): void
  onOk(use: DiskUse): void
  onError(error: unknown, what: string): void
}

type Settings = {
  readonly stores: Pick<Stores, 'space' | 'room'>
  readonly evictor: Evictor
  readonly notices: SpaceNotices
  readonly now: () => number
  readonly limits: () => Limits
  /** What was pulled since then stays. */
  readonly before: () => number
  /** Whether no upstream may be asked. */
  readonly isOffline: () => boolean
  readonly signal: AbortSignal
}

const checkEveryMs = 30_000
const tellOfCrowdEveryMs = 3_600_000
/** btrfs gives back what was removed with its next commit, 30 s later; ZFS takes some seconds. */
const givenBackWithinMs = 35_000

/** Makes room whenever a look at the disk, or at what is kept, says that it is too full; one run at a time. */
export class Pressure {
  readonly #settings: Settings
  readonly #crowding = new Crowding()
  readonly #alarm: DiskAlarm
  readonly #timer: NodeJS.Timeout
  #running: Promise<unknown> | undefined
  #isLow = false
  /** Limits that can't be kept for the moment, which was said of each: when to try again. */
  readonly #stuck = new Map<string, number>()
  #notBefore = 0
  /** The disk may still give back what went. */
  #diskNotBefore = 0
  #toldOfCrowdAt = Number.NEGATIVE_INFINITY

  constructor(settings: Settings) {
    const { stores, limits, notices } = settings
    this.#settings = settings
    this.#alarm = new DiskAlarm(notices)
    stores.room.guard(
      (use) => keptFree(limits(), use),
      (use) => this.#noteUse(use),
    )
    this.#timer = setInterval(() => this.#look(), checkEveryMs).unref()
  }

  /** The limits are others. */
  noteLimits(): void {
    this.#notBefore = 0
    for (const limit of this.#stuck.keys()) this.#stuck.set(limit, 0)
    this.#look()
  }

  /** A run by hand, once the one under way has ended; `make` says then what is to go. */
  run(make: () => Promise<Run>): Promise<Eviction> {
    return this.alone(async () => this.#settings.evictor.run(await make()))
  }

  /** Once what is under way has ended, and before anything else begins. */
  async alone<T>(act: () => Promise<T>): Promise<T> {
    while (this.#running !== undefined) await this.#running
    return this.#own(act())
  }

  /** What is under way has ended; `signal` must be aborted. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  #look(): void {
    const { stores, notices } = this.#settings
    stores.room.measure().catch((error) => {
      notices.onError(error, "how full the disk is couldn't be found out")
    })
  }

  #noteUse(use: DiskUse): void {
    const { signal, notices } = this.#settings
    this.#noteLow(use)
    if (this.#running || signal.aborted || performance.now() < this.#notBefore) return
    const checking = this.#check(use).catch((error) => {
      this.#notBefore = performance.now() + checkEveryMs
      notices.onError(error, "room couldn't be made")
    })
    void this.#own(checking)
  }

  /** Nobody else begins until it has ended. */
  #own<T>(act: Promise<T>): Promise<T> {
    const running = act.then(ignore, ignore).then(() => {
      this.#running = undefined
    })
    this.#running = running
    return act
  }

  /** Each limit that is passed, by what there is once the one before it is kept. */
  async #check(use: DiskUse): Promise<void> {
    const { stores, notices, isOffline, signal } = this.#settings
    const done = new Set<string>()
    for (let now = use; !signal.aborted; now = await stores.room.measure()) {
      const usage = await stores.space.measureUsage()
      const found = findExcess(this.#settings.limits(), { use: now, usage })
      if (!found.some(({ isOfDisk }) => isOfDisk)) this.#calm(now)
      this.#noteKept(found)
      const next = found.find((excess) => !done.has(toKey(excess)) && !this.#isWaiting(excess))
      if (!next) return
      done.add(toKey(next))
      if (isOffline()) {
        this.#stick(next, now, () => notices.onOffline(next.reason))
        continue
      }
      const bytes = this.#toGo(next, now, usage)
      if (bytes > 0) await this.#free({ ...next, bytes }, now)
    }
  }

  #toGo({ bytes, isOfDisk }: Excess, use: DiskUse, usage: readonly Usage[]): number {
    if (!isOfDisk) return bytes
    const { notices, now, limits } = this.#settings
    const mirroredBytes = sumMirrored(usage)
    const share = this.#crowding.limit(
      {
        excessBytes: bytes,
        mirroredBytes,
        spareBytes: use.freeBytes - keptFree(limits(), use),
        pushedBytes: sumAll(usage) - mirroredBytes,
      },
      this.#growth(use),
      now(),
    )
    const isTold = now() - this.#toldOfCrowdAt < tellOfCrowdEveryMs
    if (share.isTheirs) this.#alarm.raise('other data fills the disk', use)
    if (share.isTheirs && !isTold) {
      this.#toldOfCrowdAt = now()
      notices.onCrowded(use)
    }
    return share.bytes
  }

  #growth({ usedBytes }: DiskUse): Growth {
    return { usedBytes, writtenBytes: this.#settings.stores.room.writtenBytes }
  }

  #calm(use: DiskUse): void {
    this.#alarm.end(use)
    this.#crowding.calm(this.#growth(use))
  }

  async #free(excess: Excess, use: DiskUse): Promise<void> {
    const { notices, evictor, before, signal } = this.#settings
    const eviction = await evictor.run({ ...excess, before: before() })
    const { victims, orphans, isEnough } = eviction
    if (excess.isOfDisk) await this.#noteFreed(use, eviction)
    if (victims.length + orphans > 0) notices.onEviction(eviction, excess.reason)
    if (isEnough || signal.aborted) return
    this.#stick(excess, use, () => notices.onExhausted(excess.reason))
  }

  /** Until the disk has given back what went, it is too early to say that more must go. */
  async #noteFreed(before: DiskUse, { freedBytes, sharedBytes }: Eviction): Promise<void> {
    this.#crowding.noteFreed(freedBytes)
    const { usedBytes } = await this.#settings.stores.room.measure()
    const isLate = before.usedBytes - usedBytes < (freedBytes - sharedBytes) / 2
    if (isLate) this.#diskNotBefore = performance.now() + givenBackWithinMs
  }

  /** What is left is gone through again now and then, and not with all that is written; other limits don't wait for it. */
  #stick(excess: Excess, use: DiskUse, tell: () => void): void {
    if (!this.#stuck.has(toKey(excess))) tell()
    if (excess.isOfDisk) this.#alarm.raise(excess.reason, use)
    this.#stuck.set(toKey(excess), performance.now() + checkEveryMs)
  }

  #isWaiting(excess: Excess): boolean {
    const diskNotBefore = excess.isOfDisk ? this.#diskNotBefore : 0
    return performance.now() < Math.max(diskNotBefore, this.#stuck.get(toKey(excess)) ?? 0)
  }

  /** Of all other limits it is news again if they can't be. */
  #noteKept(exceeded: readonly Excess[]): void {
    const keys = new Set(exceeded.map(toKey))
    for (const limit of this.#stuck.keys()) if (!keys.has(limit)) this.#stuck.delete(limit)
  }

  #noteLow(use: DiskUse): void {
    const { limits, notices } = this.#settings
    const isLow = use.freeBytes < keptFree(limits(), use)
    if (isLow !== this.#isLow) notices.onLow(isLow, use)
    this.#isLow = isLow
    if (isLow) this.#alarm.raise('less of the disk is free than space.minFree', use)
  }
}

function toKey({ upstream, isOfDisk }: Excess): string {
  return `${upstream ?? ''} ${isOfDisk}`
}

function sumAll(usage: readonly Usage[]): number {
  return usage.reduce((sum, { bytes }) => sum + bytes, 0)
}

function ignore(): void {}
