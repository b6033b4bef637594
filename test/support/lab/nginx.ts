import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startProcess, waitUntilReady } from './background-process.ts'
import type { Certificates } from './certificates.ts'
import { findFreePort, isListening } from './free-port.ts'
import type { Lab } from './lab.ts'

export interface NginxBefore {
  readonly port: number
  /** What it warns of, as of a body that went through a file. */
  readLog(): Promise<string>
}

const readme = fileURLToPath(new URL('../../../README.md', import.meta.url))

/**
 * Starts nginx before a server on 127.0.0.1, as README.md tells people to; it speaks HTTPS. It has the server at its
 * root, which may be a path of the server's instead, and under /registry.
 */
export const startNginxBefore = async (
  lab: Lab,
  server: { readonly port: number },
  { certFile, keyFile }: Certificates,
  { root = '' }: { readonly root?: string } = {},
): Promise<NginxBefore> => {
  const port = await findFreePort()
  const folder = lab.path('nginx')
  const logFile = lab.addLog('nginx/log')
  const here = {
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    '/etc/ssl/registry.pem': certFile,
    '/etc/ssl/registry.key': keyFile,
    '127.0.0.1:5000': `127.0.0.1:${server.port}`,
  }
  await mkdir(join(folder, 'tmp'), { recursive: true })
  await writeFile(
    join(folder, 'nginx.conf'),
    surround(folder, rootedAt(root, withPrefix(replaceAll(await readGiven(), here)))),
  )
  const command = ['nginx', '-p', folder, '-e', logFile, '-c', join(folder, 'nginx.conf')]
  const started = startProcess(command, logFile)
  lab.onClose(started.stop)
  await waitUntilReady(started, () => isListening(port))
  return { port, readLog: () => readFile(logFile, 'utf8') }
}

const readGiven = async (): Promise<string> => {
  const [, given] = /^```nginx\n(.*?)^```$/ms.exec(await readFile(readme, 'utf8')) ?? []
  if (given === undefined) throw new Error('README.md has no configuration for nginx')
  return given
}

/** All that stands in the block for the root stands there too, as README.md says. */
const withPrefix = (server: string): string => {
  const [root = ''] = /^ {2}location \/ \{\n.*?^ {2}\}\n/ms.exec(server) ?? []
  const under = replaceAll(root, {
    'location / {': 'location /registry/ {',
    'X-Forwarded-Prefix ""': 'X-Forwarded-Prefix /registry',
  }).replace(/(proxy_pass http:\/\/[\d.:]+);/, '$1/;')
  return server.replace(root, root + under)
}

const rootedAt = (path: string, server: string): string =>
  server.replace(/(proxy_pass http:\/\/[\d.:]+);/, `$1${path};`)

const replaceAll = (text: string, replacements: Readonly<Record<string, string>>): string => {
  let replaced = text
  for (const [from, to] of Object.entries(replacements)) {
    if (!replaced.includes(from)) throw new Error(`what README.md has for nginx lacks ${from}`)
    replaced = replaced.replaceAll(from, to)
  }
  return replaced
}

// Compiled-in folders such as /var/lib/nginx belong to others.
const surround = (folder: string, http: string): string => `
user root;
daemon off;
pid ${folder}/pid;
error_log ${folder}/log warn;
events { worker_connections 256; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/tmp/${name};`)
    .join('\n  ')}
${http}
}
`
