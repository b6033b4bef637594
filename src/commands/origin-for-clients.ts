import { hostname } from 'node:os'
import type { Config } from '../config/config.ts'
import { hostForClients } from '../config/describe-certificate.ts'
import { formatAddress } from '../config/network-values.ts'

/** Where clients on other machines reach a server that listens there. */
export function originForClients({ host, port }: Config['listen'], tls: Config['tls']): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const reachable = isEverywhere ? hostname() : host
  if (!tls) return `http://${formatAddress({ host: reachable, port })}`
  return `https://${formatAddress({ host: hostForClients(tls, reachable), port })}`
}
