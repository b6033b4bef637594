import { link, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import { type BenchImage, manifestMediaType } from '../image.ts'
import type { Certificate, RunningServer, ServerKind, ServerSite } from './server.ts'
import { startNginx } from './start-nginx.ts'

/** The same bytes as plain files: as fast as this machine serves a file at all. */
export const nginx: ServerKind = {
  name: 'nginx',
  title: 'nginx with sendfile, plain files, no access log',
  programs: ['nginx', 'openssl'],
  start: async (site: ServerSite): Promise<RunningServer> => {
    const { directory, image, certificate, signal } = site
    const port = await findFreePort()
    await layOutFiles(join(directory, 'www'), image)
    const scheme = certificate === undefined ? 'http' : 'https'
    const repositoryUrl = `${scheme}://127.0.0.1:${port}/v2/${image.repository}`
    const group = await startNginx(
      { directory, workerConnections: 4096, http: httpText(port, site) },
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
const httpText = (
  port: number,
  { directory, certificate, image: { repository, tag, manifest } }: ServerSite,
) => `
  keepalive_requests 1000000000;
  open_file_cache max=16 inactive=10m;
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
`

// With KTLS sendfile reaches through TLS; a kernel or an OpenSSL that lacks it goes on without.
const tlsSettings = ({ certFile, keyFile }: Certificate): string =>
  `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; ssl_conf_command Options KTLS;`
