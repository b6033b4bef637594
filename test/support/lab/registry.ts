// Debian's docker-registry as the upstream, in the shapes the field has: open, behind TLS and
// tokens, or sending its clients to another host for the blobs.

import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess, waitUntilReady } from './background-process.ts'
import type { Certificates } from './certificates.ts'
import { findFreePort, isListening } from './free-port.ts'
import type { Lab } from './lab.ts'
import { type Place, thisMachine } from './place.ts'
import { openRequestLog, type RequestLog } from './request-log.ts'
import type { TokenServer } from './token-server.ts'

export interface RegistryOptions {
  /** The storage folder; without it the registry starts empty. Several may share one. */
  readonly storage?: string
  readonly certificates?: Certificates
  /** Needs certificates: they sign the tokens. */
  readonly tokenServer?: TokenServer
  /** Where GETs of blobs are redirected to. */
  readonly redirectTo?: string
  /** Makes it a mirror of another registry. */
  readonly proxyOf?: string
  /** On this machine as it is, unless said otherwise. */
  readonly place?: Place
}

export interface Registry {
  readonly url: string
  readonly port: number
  readonly storage: string
  readonly log: RequestLog
  stop(): Promise<void>
}

export const startRegistry = async (lab: Lab, options: RegistryOptions = {}): Promise<Registry> => {
  const port = await findFreePort()
  const folder = lab.path(`registry-${port}`)
  const storage = options.storage ?? join(folder, 'storage')
  await mkdir(storage, { recursive: true })
  const configFile = join(folder, 'config.json')
  await mkdir(folder, { recursive: true })
  await writeFile(configFile, JSON.stringify(configure(port, storage, options)))

  const { place = thisMachine } = options
  const logFile = lab.addLog(`registry-${port}.log`)
  const serve = place.inside(['docker-registry', 'serve', configFile])
  const started = startProcess(serve, logFile)
  lab.onClose(started.stop)
  await waitUntilReady(started, () => isListening(port, place))
  const scheme = options.certificates === undefined ? 'http' : 'https'
  const url = `${scheme}://${place.address}:${port}`
  return { url, port, storage, log: openRequestLog(logFile), stop: started.stop }
}

/** Changes one byte in the middle of a blob that a registry keeps. */
export const corruptBlob = async (storage: string, digest: string): Promise<void> => {
  const file = await open(blobFile(storage, digest), 'r+')
  try {
    const position = Math.floor((await file.stat()).size / 2)
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position)
    await file.write(Buffer.of(255 - buffer.readUInt8()), 0, 1, position)
  } finally {
    await file.close()
  }
}

/** Where a registry keeps it. */
export const blobFile = (storage: string, digest: string): string => {
  const [algorithm = '', hex = ''] = digest.split(':')
  return join(storage, 'docker/registry/v2/blobs', algorithm, hex.slice(0, 2), hex, 'data')
}

const configure = (port: number, storage: string, options: RegistryOptions): object => {
  const { proxyOf, redirectTo, place = thisMachine } = options
  return {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    http: { addr: `${place.address}:${port}`, secret: 'lab', ...tlsSection(options) },
    ...authSection(options),
    ...(proxyOf === undefined ? {} : { proxy: { remoteurl: proxyOf } }),
    ...(redirectTo === undefined ? {} : redirectSection(redirectTo)),
  }
}

const tlsSection = ({ certificates }: RegistryOptions): object =>
  certificates === undefined
    ? {}
    : { tls: { certificate: certificates.certFile, key: certificates.keyFile } }

const authSection = ({ tokenServer, certificates }: RegistryOptions): object => {
  if (tokenServer === undefined) return {}
  const { realm, service, issuer } = tokenServer
  return { auth: { token: { realm, service, issuer, rootcertbundle: certificates?.caFile } } }
}

const redirectSection = (baseurl: string): object => ({
  middleware: { storage: [{ name: 'redirect', options: { baseurl } }] },
})
