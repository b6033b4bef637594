import type { Attention } from '../answers/attention.ts'
import type { SetupState } from '../answers/setup.ts'
import type { Config } from '../config/config.ts'
import type { Event } from '../events/any-events.ts'
import type { Events } from '../events/events.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Stores } from '../store/open-stores.ts'
import type { AnyAdvice } from './any-advice.ts'
import {
  attendToConfiguration,
  attendToDamage,
  attendToDisk,
  attendToOffline,
  attendToUpstream,
  inOrder,
} from './attention.ts'
import { Conditions } from './conditions.ts'
import { Damages } from './damages.ts'
import { describeSetup, type ListeningPort } from './setup.ts'

type Settings = {
  readonly config: Config
  readonly events: Pick<Events, 'listen'>
  readonly mirror: Pick<AnyMirror, 'describeUpstreams' | 'describeOffline'>
  readonly stores: Pick<Stores, 'blobs' | 'integrity'>
  readonly now: () => number
  /** As they are listened on. */
  readonly ports: () => readonly ListeningPort[]
}

/** In the main thread, where events happen. */
export class Advice implements AnyAdvice {
  readonly #settings: Settings
  readonly #conditions = new Conditions()
  readonly #damages: Damages
  readonly #startedAt: number
  #config: Config

  constructor(settings: Settings) {
    this.#settings = settings
    this.#config = settings.config
    this.#startedAt = settings.now()
    this.#damages = new Damages(settings.stores)
    settings.events.listen((event) => this.#hear(event))
  }

  /** Takes up a changed configuration. */
  configure(config: Config): void {
    this.#config = config
  }

  async describeSetup(): Promise<SetupState> {
    return describeSetup(this.#config, this.#settings.ports())
  }

  /** How upstreams do, and whether they are asked, is found out anew: it holds across a restart. */
  async listAttention(): Promise<readonly Attention[]> {
    const { disk, refused } = this.#conditions
    const damages = await this.#damages.list()
    return inOrder([
      ...(disk ? [attendToDisk(disk.data, disk.at)] : []),
      ...(refused ? [attendToConfiguration(refused.data, refused.at)] : []),
      ...damages.map(({ data, at }) => attendToDamage(data, at)),
      ...(await this.#listOfMirror()),
    ])
  }

  #hear(event: Event): void {
    if (event.kind === 'verification-failed') this.#damages.hear(event)
    else this.#conditions.hear(event)
  }

  async #listOfMirror(): Promise<readonly Attention[]> {
    const { mirror, now } = this.#settings
    const offline = await mirror.describeOffline()
    const since = this.#conditions.offline?.at ?? this.#startedAt
    // What isn't asked isn't down.
    if (offline.isOffline) return [attendToOffline(offline, since)]
    const upstreams = await mirror.describeUpstreams()
    return upstreams.flatMap((upstream) => attendToUpstream(upstream, now()) ?? [])
  }
}
