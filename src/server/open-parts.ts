import { Access } from '../access/access.ts'
import type { LoginEvent } from '../access/login-notes.ts'
import { LoginRoom } from '../access/login-room.ts'
import { Advice } from '../advice/advice.ts'
import { Audit } from '../audit/audit.ts'
import { Catalog } from '../catalog/catalog.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { EventKind } from '../events/event-data.ts'
import type { Events } from '../events/events.ts'
import { Webhooks } from '../events/webhooks.ts'
import { readFileLimit } from '../file-limit.ts'
import type { Log } from '../logger/logger.ts'
import { Metrics } from '../metrics/metrics.ts'
import { Leases } from '../mirror/leases.ts'
import type { Mirror } from '../mirror/mirror.ts'
import { tellOfFaults } from '../notices/faults.ts'
import { tellOfWebhooks } from '../notices/webhooks.ts'
import type { Digest } from '../oci/digest.ts'
import { type Serving, serve } from '../serving.ts'
import { Integrity } from '../space/integrity.ts'
import { openStores } from '../store/open-stores.ts'
import { version } from '../version.ts'
import { type Administration, openAdministration } from './open-administration.ts'
import { type Keeping, openKeeping } from './open-keeping.ts'
import { openTelling, type Telling } from './open-telling.ts'
import type { Opening } from './opening.ts'

/** As many clients as a network may have; fewer where the system allows fewer open files. */
const mostConnections = 16_384

export type Parts = Serving &
  Keeping &
  Telling & {
    readonly access: Access
    readonly logins: LoginRoom
    readonly administration: Administration
    readonly integrity: Integrity
    readonly audit: Audit
    readonly webhooks: Webhooks
    readonly advice: Advice
    readonly stopping: { is: boolean }
  }

/** Puts the rooms together. Rejects if one can't be opened; nothing is left open then. */
export async function openParts(config: Config, log: Log, clock: Clock): Promise<Parts> {
  const opened = new AsyncDisposableStack()
  try {
    return await openAll(config, log, clock, opened)
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

async function openAll(
  config: Config,
  log: Log,
  clock: Clock,
  opened: AsyncDisposableStack,
): Promise<Parts> {
  const { logger } = log
  const { now } = clock
  const onError = (err: unknown, what: string) => logger.warn({ err }, what)
  const stores = await openStores(config.data, { onError, ...tellOfFaults(logger) })
  opened.defer(() => stores.close())
  const access = new Access(config)
  let serving: Serving | undefined
  const opening = { config, log, clock, stores, access, onError, opened, serving: () => serving }
  const telling = await openTelling(opening)
  const { events, counted } = telling
  const audit = new Audit({ records: stores.audit, lines: stores.auditLines, now, onError })
  opened.defer(() => audit.close())
  const leases = new Leases((key) => serving?.threads?.revoke(key))
  const keeping = await openKeeping(opening, telling, leases)
  const webhooks = openWebhooks(opening, events)
  const logins = await openLogins(opening, audit)
  const administration = openAdministration(opening, logins)
  const { mirror, hosted } = keeping
  const stopping = { is: false }
  const findFault = async () => (stopping.is ? 'the server is stopping' : stores.health.check())
  const describeThreads = async () => (await serving?.describeThreads()) ?? []
  const asked = { ...keeping, counted, describeThreads, logins: logins.logins }
  const metrics = new Metrics({ ...asked, version, onError })
  const catalog = openCatalog(opening, events)
  const ports = () => serving?.http.ports ?? []
  const advice = new Advice({ config, events, mirror, stores, now, ports })
  const asking = { access, advice, logins, administration, audit, metrics, catalog }
  const maxConnections = Math.min(mostConnections, Math.floor(readFileLimit() / 2))
  const surroundings = { health: { findFault }, log, now, maxConnections }
  serving = await serve(config, { ...keeping, ...telling, ...asking }, surroundings)
  const refetch: Mirror['refetch'] = (...lost) => mirror.refetch(...lost)
  const onGone = (digest: Digest) => leases.revoke(digest)
  const { damage, space } = keeping
  const onHealed: typeof damage.onHealed = (healed) => {
    space.verification.note(healed)
    damage.onHealed(healed)
  }
  const integrity = new Integrity({ stores, refetch, onGone, now, ...damage, onHealed })
  logins.watch(() => serving?.threads?.noteLogins())
  stores.foreignChanges.watch(async () => {
    catalog.noteChange()
    await Promise.all([hosted.noteForeignChanges(), logins.reload()])
  })
  const watching = { integrity, audit, webhooks, advice }
  const guarding = { access, logins, administration, ...watching, stopping }
  return { ...serving, ...keeping, ...telling, ...guarding }
}

function openWebhooks({ config, log, clock, stores, opened }: Opening, events: Events): Webhooks {
  const notices = tellOfWebhooks(log.logger)
  const webhooks = new Webhooks({ records: stores.webhooks, config, now: clock.now, notices })
  opened.defer(() => webhooks.close())
  events.listen((event) => webhooks.take(event))
  return webhooks
}

function openCatalog({ stores, access, clock, onError, opened }: Opening, events: Events): Catalog {
  const catalog = new Catalog({ stores, access, now: clock.now, onError })
  opened.defer(() => catalog.close())
  const changes: readonly EventKind[] = ['push', 'delete', 'evict']
  events.listen(({ kind }) => {
    if (changes.includes(kind)) catalog.noteChange()
  })
  return catalog
}

async function openLogins(
  { config, log, clock, stores, onError, opened }: Opening,
  audit: Audit,
): Promise<LoginRoom> {
  const onProblem = (problem: string) => log.logger.warn(problem)
  const onEvent = (event: LoginEvent) => audit.note(event)
  const asked = { ...config, records: stores.access, now: clock.now }
  const logins = await LoginRoom.open({ ...asked, onEvent, onProblem, onError })
  opened.defer(() => logins.close())
  return logins
}
