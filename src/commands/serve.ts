import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import type { Config, TlsConfig } from '../config/config.ts'
import { expiryOf, listValidityFaults } from '../config/describe-certificate.ts'
import { listLater } from '../config/later-keys.ts'
import { loadConfig } from '../config/load-config.ts'
import { formatAddress } from '../config/network-values.ts'
import { restartKeys } from '../config/restart-keys.ts'
import { ConfigWatcher } from '../config/watch-config.ts'
import { createLog, type Log } from '../logger/logger.ts'
import { EntrepotServer } from '../server.ts'
import { noteRefused, noteTakenUp } from './note-configuration.ts'
import { originForClients } from './origin-for-clients.ts'

/** `entrepot serve`: runs until SIGTERM or SIGINT; a second one ends it at once. Throws ConfigError. */
export async function serve({ config }: { config: string }): Promise<void> {
  const file = resolve(config)
  const first = await loadConfig(file, process.env)
  const log = await createLog(first.log.level)
  try {
    await serveWith(log, file, first)
  } finally {
    await log.close()
  }
}

async function serveWith(log: Log, file: string, first: Config): Promise<void> {
  const { logger } = log
  const server = await EntrepotServer.start(first, log)
  try {
    // Opened afterwards: what changed while the server started is taken up like any other change.
    const watcher = await watchConfig(file, server, { logger, first })
    greet(server, watcher.current, logger)
    warnOfCertificates(watcher.current, logger)
    await waitForStop(watcher, logger)
    watcher.close()
  } finally {
    await server.stop()
  }
  logger.info('stopped')
}

async function watchConfig(
  file: string,
  server: EntrepotServer,
  { logger, first }: { logger: Logger; first: Config },
): Promise<ConfigWatcher> {
  const onChange = (next: Config, previous: Config) => {
    const waiting = takeUp(server, logger, { next, previous })
    server.events.emit({ kind: 'configuration-taken-up', data: { file, waiting } })
    noteTakenUp(server.audit, file, { next, previous })
  }
  const refused = 'the changed configuration is refused, the one before stays'
  const watcher = await ConfigWatcher.open({
    file,
    environment: process.env,
    onChange,
    onRead: (reading) => server.configuration.noteRead(file, reading),
    onRefused: (error) => {
      server.configuration.noteRefused(error)
      logger.error(`${refused}: ${error.message}`)
      const data = { file, problems: error.problems.map(({ path }) => path) }
      server.events.emit({ kind: 'configuration-refused', data })
      noteRefused(server.audit, file, error)
    },
  })
  if (!isDeepStrictEqual(watcher.current, first)) onChange(watcher.current, first)
  return watcher
}

/** Gives what waits for a restart. */
function takeUp(
  server: EntrepotServer,
  logger: Logger,
  { next, previous }: { next: Config; previous: Config },
): readonly string[] {
  logger.level = next.log.level
  server.configure(next)
  const waiting = restartKeys(previous, next)
  const note = waiting.length > 0 ? `; ${waiting.join(', ')} only after a restart` : ''
  logger.info(`the changed configuration is taken up${note}`)
  if (next.tls && previous.tls && !isDeepStrictEqual(next.tls, previous.tls)) {
    tellOfCertificates(logger, { next: next.tls, previous: previous.tls })
    warnOfCertificates(next, logger)
  }
  return waiting
}

function tellOfCertificates(
  logger: Logger,
  { next, previous }: { next: TlsConfig; previous: TlsConfig },
): void {
  const isSame = next.certPem === previous.certPem && next.keyPem === previous.keyPem
  const own = `new connections get the certificate in ${next.cert}, valid until ${expiryOf(next)}`
  if (!isSame) logger.info(own)
  if (!next.clientCaPem || !previous.clientCaPem || next.clientCaPem === previous.clientCaPem)
    return
  logger.info(`certificates of clients that connect anew must be from a CA in ${next.clientCa}`)
}

function warnOfCertificates({ tls }: Config, logger: Logger): void {
  if (!tls) return
  for (const fault of listValidityFaults(tls, systemClock.now())) logger.warn(fault)
}

function greet(server: EntrepotServer, config: Config, logger: Logger): void {
  const { host, port } = server.address
  const upstreams = [...config.upstreams.keys()].join(', ')
  const threads = server.threadCount === 1 ? 'one thread' : `${server.threadCount} threads`
  const scheme = config.tls ? 'https://' : ''
  logger.info(
    `listening on ${scheme}${formatAddress({ host, port })}, mirroring ${upstreams}, data in ${config.data}, ${threads}`,
  )
  logger.info(
    `to use it for Docker Hub, put {"registry-mirrors": ["${originForClients(server.address, config.tls)}"]} into /etc/docker/daemon.json and restart docker; README.md has k3s, containerd and podman`,
  )
  for (const key of listLater(config))
    logger.warn(`${key.path} is set but not built yet: ${key.purpose}`)
}

/** Resolves on SIGTERM or SIGINT. From then on the default applies: a second one ends the process at once. */
async function waitForStop(watcher: ConfigWatcher, logger: Logger): Promise<void> {
  const stopped = Promise.withResolvers<string>()
  const stop = (signal: string) => stopped.resolve(signal)
  process.once('SIGTERM', stop).once('SIGINT', stop)
  // Stays: a late SIGHUP must not end the pulls that are still running.
  process.on('SIGHUP', () => {
    watcher.reload().catch((err) => logger.error({ err }, 'the configuration could not be read'))
  })
  const signal = await stopped.promise
  process.off('SIGTERM', stop).off('SIGINT', stop)
  logger.info(`${signal}: no new connections; running pulls get 20 s to end`)
}
