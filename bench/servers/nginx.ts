import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import { type BenchImage, manifestMediaType } from '../image.ts'
import { startProcessGroup } from '../process-group.ts'
import { locateProgram } from '../programs.ts'
import type { Certificate, RunningServer, ServerKind, ServerSite } from './server.ts'

/** The same bytes as plain files: as fast as this machine serves a file at all. */
export const nginx: ServerKind = {
  name: 'nginx',
  title: 'nginx with sendfile, plain files, no access log',
  programs: ['nginx', 'openssl'],
  start: async (site: ServerSite): Promise<RunningServer> => {
    const { directory, image, certificate, signal } = site
    const port = await findFreePort()
    const configFile = join(directory, 'nginx.conf')
    await layOutFiles(join(directory, 'www'), image)
    await mkdir(join(directory, 'tmp'), { recursive: true })
    await writeFile(configFile, configText(port, site))
    const program = await locateProgram('nginx')
    const logFile = join(directory, 'log')
    const scheme = certificate === undefined ? 'http' : 'https'
    const repositoryUrl = `${scheme}://127.0.0.1:${port}/v2/${image.repository}`
    const group = await startProcessGroup(
      { name: 'nginx', program, args: ['-p', directory, '-e', logFile, '-c', configFile], logFile },
      `${repositoryUrl}/manifests/${image.tag}`,
      signal,
    )
    return {
      name: 'nginx',
      repositoryUrl,
      process: group,
      isKept: async () => true,
      [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
    }
  },
}

/** A blob lies under its digest, a manifest once, with the tag's path rewritten to it. */
const layOutFiles = async (root: string, { manifest, config, layer }: BenchImage) => {
  await rm(root, { recursive: true, force: true })
  for (const { digest, file } of [manifest, config, layer]) {
    const target = join(root, digest)
    await mkdir(dirname(target), { recursive: true })
    await link(file, target)
  }
}

// keepalive_requests: the default of 1000 would make wrk reconnect all the time.
// open_file_cache: without it every request opens the file again, which Entrepot needn't do either.
const configText = (
  port: number,
  { directory, certificate, image: { repository, tag, manifest } }: ServerSite,
) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${directory}/pid;
error_log ${directory}/log warn;
worker_processes auto;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=16 inactive=10m;
  ${temporaryPaths(directory)}
  server {
    listen 127.0.0.1:${port}${certificate === undefined ? '' : ' ssl'};
    ${certificate === undefined ? '' : tlsSettings(certificate)}
    root ${directory}/www;
    location = /v2/${repository}/manifests/${tag} {
      default_type ${manifestMediaType};
      try_files /${manifest.digest} =404;
    }
    location /v2/${repository}/manifests/ {
      default_type ${manifestMediaType};
      rewrite ^.*/(sha256:[0-9a-f]+)$ /$1 break;
    }
    location /v2/${repository}/blobs/ {
      default_type application/octet-stream;
      rewrite ^.*/(sha256:[0-9a-f]+)$ /$1 break;
    }
  }
}
`

// With KTLS sendfile reaches through TLS; a kernel or an OpenSSL that lacks it goes on without.
const tlsSettings = ({ certFile, keyFile }: Certificate): string =>
  `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; ssl_conf_command Options KTLS;`

// Compiled-in folders such as /var/lib/nginx belong to root; nginx creates them all at its start.
export const temporaryPaths = (directory: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/tmp/${name};`)
    .join('\n  ')
