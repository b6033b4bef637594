import type { Logger } from 'pino'
import type { BudgetNews } from './budget/any-budget.ts'
import { formatBytes } from './config/units.ts'
import { formatSource } from './oci/source.ts'
import { describeFinding, describeOutcome, isHealed, nameOwners } from './space/finding.ts'
import type { IntegrityNotices } from './space/integrity.ts'
import type { SpaceNotices } from './space/pressure.ts'
import type { StoreCallbacks } from './store/open-stores.ts'
import type { Surroundings } from './upstream/upstream-settings.ts'

/** The same fault again and again is said again no sooner than this. */
const repeatAfterMs = 5 * 60_000

/** Log lines about the disk. A fault that comes and goes with every pull doesn't fill the log. */
export function tellOfFaults(
  logger: Logger,
): Pick<StoreCallbacks, 'onFault' | 'onRecovered' | 'onPutBack'> {
  let told = { message: '', at: Number.NEGATIVE_INFINITY }
  let isOpen = false
  return {
    onFault: (message, err) => {
      const isNews = message !== told.message || performance.now() - told.at > repeatAfterMs
      if (isNews) told = { message, at: performance.now() }
      isOpen ||= isNews
      const text = `NOTHING CAN BE KEPT: ${message}; pulls are passed through meanwhile`
      logger[isNews ? 'error' : 'debug']({ err }, text)
    },
    onRecovered: () => {
      logger[isOpen ? 'info' : 'debug']('the data folder takes writes again')
      isOpen = false
    },
    onPutBack: (message) => logger.error(`SOMETHING MAY BE LOST: ${message}`),
  }
}

/** Log lines about upstreams' URLs, each when it stops answering and when it may be asked again. */
export function tellOfOutages(logger: Logger): Pick<Surroundings, 'onOutage' | 'onOutageEnd'> {
  return {
    onOutage: (upstream, url, { error, since, until }) => {
      const how =
        until === undefined
          ? 'it is tried in the background and not asked until it answers'
          : `it isn't asked for ${Math.ceil((until - since) / 1000)} s`
      logger.warn({ upstream, url: url.origin, err: error }, `${error.message}: ${how}`)
    },
    onOutageEnd: (upstream, url, { until }) => {
      const what = until === undefined ? 'answers again' : 'may be asked again'
      logger.info({ upstream, url: url.origin }, `${upstream} ${what}`)
    },
  }
}

/** Log lines about limits on pulls that run short, each when it does and when it lasts again. */
export function tellOfBudget(logger: Logger): (news: BudgetNews) => void {
  return ({ upstream, account, limit, remaining, isShort, forecast }) => {
    const facts = { upstream, account, limit, remaining, ...forecast }
    const whose = `${upstream}'s limit of ${limit} pulls for ${account}`
    if (!isShort) return logger.info(facts, `${whose} lasts again: ${remaining} remain`)
    const advice =
      'images that aren\'t kept can\'t be pulled then; "entrepot budget" tells who uses it'
    logger.warn(facts, `${whose} ${describeShortage(forecast)}: ${advice}`)
  }
}

function describeShortage(forecast: BudgetNews['forecast']): string {
  const toTime = (at: number) => new Date(at).toISOString()
  if (forecast.state === 'running-out')
    return `will be used up at about ${toTime(forecast.usedUpAt)}`
  const backBy = forecast.state === 'used-up' ? forecast.backBy : undefined
  return backBy === undefined ? 'is used up' : `is used up until ${toTime(backBy)} at the latest`
}

/** So many are named; the others are like them. */
const mostNamed = 5

/** Log lines about what is kept and turned out damaged, and what became of it. */
export function tellOfDamage(logger: Logger): IntegrityNotices {
  return {
    onHealed: ({ finding, outcome, owners }) => {
      const images = nameOwners(owners?.images ?? []).slice(0, mostNamed)
      const what = finding.kind === 'foreign' ? finding.name.foreign : finding.digest
      // What was mirrored is fetched when it is pulled.
      const isWarning = isHealed(outcome) || outcome.kind === 'unfetched'
      const level = isWarning ? 'warn' : 'error'
      const text = `${what}: ${describeFinding(finding)}; ${describeOutcome(outcome)}`
      logger[level]({ digest: what, images }, text)
    },
    onRebuilt: ({ files, manifests }) =>
      logger.warn(
        `the database knew nothing of ${files} files under blobs/: they are used again, ${manifests} manifests among them; each repository's are asked for upstream once`,
      ),
    onError: (err, what) => logger.warn({ err }, what),
  }
}

/** Log lines about clients with which no TLS connection came about: mostly scanners and probes. */
export function tellOfHandshakes(logger: Logger): (error: Error, client?: string) => void {
  return (err, client) => logger.debug({ err, client }, 'a TLS handshake failed')
}

/** Log lines about what goes to make room, and why it isn't enough. */
export function tellOfSpace(logger: Logger): SpaceNotices {
  return {
    onEviction: ({ victims, orphans, freedBytes, sharedBytes }, reason) => {
      const images = victims.map(({ source, digest }) => `${formatSource(source)}@${digest}`)
      logger.debug({ images }, 'evicted')
      const count = victims.length === 1 ? '1 image' : `${victims.length} images`
      const what = `${count}${orphans > 0 ? ` and ${orphans} blobs of none` : ''}`
      const facts = { images: images.length, orphans, bytes: freedBytes }
      const shared =
        sharedBytes > 0
          ? `, of which ${formatBytes(sharedBytes)} stay on the disk, since a backup or another registry's folder has the same files`
          : ''
      logger.info(facts, `evicted ${what}, ${formatBytes(freedBytes)}${shared}: ${reason}`)
    },
    onExhausted: (reason) =>
      logger.warn(
        `nothing is left that may be evicted, though ${reason}: the rest was pushed here, is pinned, or was pulled within space.minAge. "entrepot why IMAGE" tells of each`,
      ),
    onOffline: (reason) =>
      logger.warn(
        `nothing is evicted while no upstream may be asked, since it couldn't be fetched again, though ${reason}. "entrepot evict" makes room by hand`,
      ),
    onCrowded: ({ totalBytes, usedBytes }) => {
      const share = `${Math.round((usedBytes / totalBytes) * 100)} % of ${formatBytes(totalBytes)}`
      logger.warn(
        { usedBytes, totalBytes },
        `other data fills the disk (${share}): the cache gives way once in an hour and not by more than half, and then holds its size. Make room there, or give data: a disk of its own. A backup on the same disk, and a folder that was adopted, hold on to what they share with the cache`,
      )
    },
    onLow: (isLow, { freeBytes }) => {
      const free = formatBytes(freeBytes)
      if (isLow)
        logger.warn(
          `only ${free} of the disk are free, less than space.minFree: nothing new is kept, pulls are passed through and pushes refused`,
        )
      else logger.info(`${free} of the disk are free: what is pulled is kept again`)
    },
    onError: (err, what) => logger.warn({ err }, what),
  }
}
