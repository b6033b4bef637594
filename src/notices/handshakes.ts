import type { Logger } from 'pino'

/** Log lines about clients with which no TLS connection came about: mostly scanners and probes. */
export function tellOfHandshakes(logger: Logger): (error: Error, client?: string) => void {
  return (err, client) => logger.debug({ err, client }, 'a TLS handshake failed')
}
