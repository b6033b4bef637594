import { isDeepStrictEqual } from 'node:util'
import type { Config, TlsConfig } from './config.ts'

const keysReadAtStart = ['listen', 'dockerListen', 'data', 'store', 'threads'] as const

/** The keys that changed and that a running server does not take up. */
export function restartKeys(previous: Config, next: Config): string[] {
  const changed = keysReadAtStart.filter((key) => !isDeepStrictEqual(previous[key], next[key]))
  return [...changed, ...tlsRestartKeys(previous.tls, next.tls)]
}

/** What a running server goes by once `next` is taken up: the keys that wait for a restart stay as they are. */
export function takeUp(running: Config, next: Config): Config {
  const kept = Object.fromEntries(keysReadAtStart.map((key) => [key, running[key]]))
  return { ...next, ...kept, tls: takeUpTls(running.tls, next.tls) }
}

// A running server renews its certificate and the CA of its clients' ones; what it can't change is whether there is one,
// and whether it asks clients for theirs.
function tlsRestartKeys(previous: TlsConfig | undefined, next: TlsConfig | undefined): string[] {
  if (!previous || !next) return previous === next ? [] : ['tls']
  const isSwitched = (previous.clientCa === undefined) !== (next.clientCa === undefined)
  const isOther = previous.clientCertificates !== next.clientCertificates
  return [...(isSwitched ? ['tls.clientCa'] : []), ...(isOther ? ['tls.clientCertificates'] : [])]
}

function takeUpTls(
  running: TlsConfig | undefined,
  next: TlsConfig | undefined,
): TlsConfig | undefined {
  if (!running || !next) return running
  const { clientCertificates } = running
  const isSwitched = (running.clientCa === undefined) !== (next.clientCa === undefined)
  const { clientCa, clientCaPem } = isSwitched ? running : next
  return { ...next, clientCa, clientCaPem, clientCertificates }
}
