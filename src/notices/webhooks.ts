import type { Logger } from 'pino'
import type { WebhookNotices } from '../events/webhook-sender.ts'

/** Log lines about hooks that take nothing, and what becomes of what they were to be told. */
export function tellOfWebhooks(logger: Logger): WebhookNotices {
  return {
    onFailing: (hook, why) =>
      logger.warn(`${hook} takes no events: ${why}; they wait, and it is tried for 24 h`),
    onRecovered: (hook) => logger.info(`${hook} takes events again`),
    onGivenUp: (hook, count, why) =>
      logger.error(
        { count },
        `${hook} has taken no events for 24 h: ${why}; events given up: ${count}`,
      ),
    onDropped: (count) =>
      logger.error(
        { count },
        `too many events wait for webhooks: the oldest are dropped, ${count} until now`,
      ),
    onError: (err, what) => logger.warn({ err }, what),
  }
}
