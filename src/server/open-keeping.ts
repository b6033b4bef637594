import { Backups } from '../backup/backups.ts'
import { readFileLimit } from '../file-limit.ts'
import { Hosted } from '../hosted/hosted.ts'
import type { Leases } from '../mirror/leases.ts'
import { Mirror } from '../mirror/mirror.ts'
import { tellOfBackups } from '../notices/backups.ts'
import { tellOfFetches, tellOfPushes } from '../notices/contents.ts'
import { tellOfDamage } from '../notices/damage.ts'
import { tellOfOutages } from '../notices/outages.ts'
import { tellOfSpace } from '../notices/space.ts'
import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import { Collector } from '../space/collector.ts'
import type { IntegrityNotices } from '../space/integrity.ts'
import { Space } from '../space/space.ts'
import type { Stores } from '../store/open-stores.ts'
import { FetchMeter } from '../traffic/fetch-meter.ts'
import { Upkeep } from '../upkeep.ts'
import type { Telling } from './open-telling.ts'
import type { Opening } from './opening.ts'

/** Fewer where the system allows fewer open files. */
const mostUploads = 2_048

/** What is kept, and what comes and goes. */
export type Keeping = {
  readonly stores: Stores
  readonly mirror: Mirror
  readonly hosted: Hosted
  readonly space: Space
  readonly collector: Collector
  readonly upkeep: Upkeep
  readonly backups: Backups
  /** Hears of what is found wrong. */
  readonly damage: IntegrityNotices
}

export async function openKeeping(
  { config, log, clock, stores, onError, opened, serving }: Opening,
  { events, counted, budget, chronicle, traffic }: Telling,
  leases: Leases,
): Promise<Keeping> {
  const { logger } = log
  const { now } = clock
  const outages = {
    ...chronicle.besidesOutages(tellOfOutages(logger, events)),
    onWrongContent: chronicle.besidesWrongContent(counted.onWrongContent),
    onBudget: budget.onBudget,
  }
  const meter = chronicle.besides(new FetchMeter(traffic.tally))
  const notices = tellOfFetches(events)
  const mirroring = { stores, config, clock, leases, onError, outages, meter, notices }
  const mirror = await Mirror.open(mirroring)
  opened.defer(() => mirror.close())
  chronicle.watch(mirror)
  const revokeAll = () => {
    leases.revokeAll()
    serving()?.threads?.revokeAll()
  }
  const revoked = async () => serving()?.threads?.revoked()
  const maxUploads = Math.min(mostUploads, Math.floor(readFileLimit() / 4))
  const free = () => collector.collect()
  const { onPushed, ...pushes } = tellOfPushes(events)
  const onRemoved: typeof pushes.onRemoved = (...removed) => {
    upkeep.noteRemoval()
    pushes.onRemoved(...removed)
  }
  const noting = { leases, revokeAll, revoked, free, onPushed, onRemoved }
  const hosted = new Hosted({ stores, mirror, config, maxUploads, now, onError, ...noting })
  opened.defer(() => hosted.close())
  const damage = counted.besidesIntegrity(tellOfDamage(logger, events))
  const refetch: Mirror['refetch'] = (...lost) => mirror.refetch(...lost)
  const onEnded = tellOfBackups(logger)
  const backups = new Backups({ data: config.data, folder: config.backups, now, onEnded })
  opened.defer(() => backups.close())
  const space = await Space.open({
    backups,
    stores,
    config,
    now,
    notices: counted.besidesSpace(tellOfSpace(logger, events)),
    onEvicted: (image) => mirror.forgetImage(image),
    onGone: (digest) => mirror.forgetBlob(digest),
    isOffline: () => mirror.isOffline,
    healing: { refetch, onGone: (digest) => leases.revoke(digest), onHealed: damage.onHealed },
  })
  opened.defer(() => space.close())
  const isQuiet = (repository: Repository) => hosted.isQuiet(repository)
  const onGone = (digest: Digest) => leases.revoke(digest)
  const collector = new Collector({ stores, now, isQuiet, onGone })
  const prune = () => hosted.prune(undefined, { isDryRun: false })
  const upkeep = new Upkeep({ prune, free, logger })
  opened.defer(() => upkeep.close())
  return { stores, mirror, hosted, space, collector, upkeep, backups, damage }
}
