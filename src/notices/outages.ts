import type { Logger } from 'pino'
import type { EventSink } from '../events/any-events.ts'
import type { Surroundings } from '../upstream/upstream-settings.ts'

type Outages = Pick<Surroundings, 'onOutage' | 'onOutageEnd'>

/** Tells about upstreams' URLs, each when it stops answering and when it may be asked again. */
export function tellOfOutages(logger: Logger, events: EventSink): Outages {
  return {
    onOutage: (upstream, { origin: url }, { error, since, until }) => {
      const seconds = until === undefined ? undefined : Math.ceil((until - since) / 1000)
      const how =
        seconds === undefined
          ? 'it is tried in the background and not asked until it answers'
          : `it isn't asked for ${seconds} s`
      logger.warn({ upstream, url, err: error }, `${error.message}: ${how}`)
      const data = {
        upstream,
        url,
        reason: error.message,
        ...(seconds !== undefined && { seconds }),
      }
      events.emit({ kind: 'upstream-down', data })
    },
    onOutageEnd: (upstream, { origin: url }, { until }) => {
      const what = until === undefined ? 'answers again' : 'may be asked again'
      logger.info({ upstream, url }, `${upstream} ${what}`)
      events.emit({ kind: 'upstream-up', data: { upstream, url } })
    },
  }
}
