import type { Attention } from '../answers/attention.ts'
import type { SetupState } from '../answers/setup.ts'
import type { Config } from '../config/config.ts'
import type { Events } from '../events/events.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Stores } from '../store/open-stores.ts'
import type { AnyAdvice } from './any-advice.ts'
import {
  attendToConfiguration,
  attendToDamage,
  attendToDisk,
  attendToOffline,
  attendToOthers,
  attendToUpstream,
  inOrder,
} from './attention.ts'
import { Conditions } from './conditions.ts'
import { findDamages } from './damages.ts'
import { describeSetup, type ListeningPort } from './setup.ts'

type Settings = {
  readonly config: Config
  readonly events: Pick<Events, 'listen'>
  readonly mirror: Pick<AnyMirror, 'describeUpstreams' | 'describeOffline'>
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'verify'>
  readonly now: () => number
  /** As they are listened on. */
  readonly ports: () => readonly ListeningPort[]
}

/** Told one by one; the others are like them. */
const mostDamages = 5

/** In the main thread, where events happen. */
export class Advice implements AnyAdvice {
  readonly #settings: Settings
  readonly #conditions = new Conditions()
  readonly #startedAt: number
  #config: Config

  constructor(settings: Settings) {
    this.#settings = settings
    this.#config = settings.config
    this.#startedAt = settings.now()
    settings.events.listen((event) => this.#conditions.hear(event))
  }

  /** Takes up a changed configuration. */
  configure(config: Config): void {
    this.#config = config
  }

  async describeSetup(): Promise<SetupState> {
    return describeSetup(this.#config, this.#settings.ports())
  }

  /** How upstreams do, whether they are asked and what is damaged is found out anew: that holds across a restart. */
  async listAttention({ withDamage }: { withDamage: boolean }): Promise<readonly Attention[]> {
    const { disk, refused } = this.#conditions
    const damages = withDamage ? await findDamages(this.#settings.stores) : []
    return inOrder([
      ...(disk ? [attendToDisk(disk.data, disk.at)] : []),
      ...(refused ? [attendToConfiguration(refused.data, refused.at)] : []),
      ...damages.slice(0, mostDamages).map(attendToDamage),
      ...attendToOthers(damages.slice(mostDamages)),
      ...(await this.#listOfMirror()),
    ])
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
