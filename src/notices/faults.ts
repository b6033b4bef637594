import type { Logger } from 'pino'
import type { StoreCallbacks } from '../store/open-stores.ts'

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
