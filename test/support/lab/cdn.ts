import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startProcess, waitUntilReady } from './background-process.ts'
import type { Certificates } from './certificates.ts'
import { findFreePort, isListening } from './free-port.ts'
import type { Lab } from './lab.ts'
import { openRequestLog, type RequestLog } from './request-log.ts'

export interface CdnOptions {
  /** A registry's storage folder, whose files it serves. */
  readonly storage: string
  /** Plain HTTP without them. */
  readonly certificates?: Certificates
}

export interface Cdn {
  readonly url: string
  readonly log: RequestLog
  stop(): Promise<void>
}

/** Starts nginx on a registry's storage folder: the host that a registry redirects to for blobs. */
export const startCdn = async (lab: Lab, options: CdnOptions): Promise<Cdn> => {
  const port = await findFreePort()
  const folder = lab.path(`cdn-${port}`)
  await mkdir(folder, { recursive: true })
  const accessLog = lab.addLog(`cdn-${port}-access.log`)
  const configFile = join(folder, 'nginx.conf')
  await writeFile(configFile, configure({ ...options, port, folder, accessLog }))

  const logFile = lab.addLog(`cdn-${port}.log`)
  const started = startProcess(['nginx', '-e', 'stderr', '-c', configFile], logFile)
  lab.onClose(started.stop)
  await waitUntilReady(started, () => isListening(port))
  const scheme = options.certificates === undefined ? 'http' : 'https'
  // A name of its own: to its clients it is another host than the registry.
  const url = `${scheme}://localhost:${port}`
  return { url, log: openRequestLog(accessLog), stop: started.stop }
}

interface Configuration extends CdnOptions {
  readonly port: number
  readonly folder: string
  readonly accessLog: string
}

const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

// The workers stay root, since only this user may enter the temporary folder.
const configure = ({ port, folder, accessLog, storage, certificates }: Configuration): string => `
user root;
daemon off;
pid ${folder}/nginx.pid;
events {}
http {
  ${temporaryPaths.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  access_log ${accessLog} combined;
  default_type application/octet-stream;
  sendfile on;
  server {
    listen 127.0.0.1:${port}${certificates === undefined ? '' : ' ssl'};
    ${certificates === undefined ? '' : `ssl_certificate ${certificates.certFile};`}
    ${certificates === undefined ? '' : `ssl_certificate_key ${certificates.keyFile};`}
    root ${storage};
  }
}
`
