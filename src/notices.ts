import type { Logger } from 'pino'
import type { StoreCallbacks } from './store/open-stores.ts'
import type { Surroundings } from './upstream/upstream-settings.ts'

/** The same fault again and again is said again no sooner than this. */
const repeatAfterMs = 5 * 60_000

/** Log lines about the disk. A fault that comes and goes with every pull doesn't fill the log. */
export function tellOfFaults(logger: Logger): Pick<StoreCallbacks, 'onFault' | 'onRecovered'> {
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

/** Log lines about clients with which no TLS connection came about: mostly scanners and probes. */
export function tellOfHandshakes(logger: Logger): (error: Error, client?: string) => void {
  return (err, client) => logger.debug({ err, client }, 'a TLS handshake failed')
}
