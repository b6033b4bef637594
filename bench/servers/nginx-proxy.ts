import { findFreePort } from '../free-port.ts'
import { areHits } from './are-hits.ts'
import type { RunningServer, ServerKind, ServerSite } from './server.ts'
import { startNginx } from './start-nginx.ts'

/** The pull-through cache that people build with nginx and its lock against double fetches. */
export const nginxProxy: ServerKind = {
  name: 'nginx-proxy',
  title: 'nginx with proxy_cache and proxy_cache_lock, no access log',
  programs: ['nginx'],
  start: async ({ directory, image, upstreamUrl, signal }: ServerSite): Promise<RunningServer> => {
    const port = await findFreePort()
    const url = `http://127.0.0.1:${port}/v2/`
    const http = httpText(directory, port, upstreamUrl)
    const group = await startNginx({ directory, workerConnections: 1024, http }, url, signal)
    const repositoryUrl = `${url}${image.repository}`
    return {
      name: 'nginx-proxy',
      repositoryUrl,
      process: group,
      isKept: (kept) => areHits(repositoryUrl, kept, 'x-cache-status'),
      [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
    }
  },
}

// The lock's usual 5 s would let every client that waits longer fetch for itself.
// Keyed by the path alone: containerd adds a query that says nothing new.
const httpText = (directory: string, port: number, upstreamUrl: string) => `
  proxy_cache_path ${directory}/cache levels=1:2 keys_zone=blobs:10m max_size=50g inactive=7d use_temp_path=off;
  upstream registry {
    server ${new URL(upstreamUrl).host};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_cache blobs;
    proxy_cache_key $uri;
    proxy_cache_lock on;
    proxy_cache_lock_timeout 15m;
    proxy_cache_lock_age 15m;
    proxy_cache_use_stale error timeout http_500 http_502 http_503 http_504;
    add_header X-Cache-Status $upstream_cache_status;
    location /v2/ {
      proxy_pass http://registry;
      proxy_cache_valid 200 1m;
    }
    location ~ ^/v2/.+/(blobs|manifests)/sha256: {
      proxy_pass http://registry;
      proxy_cache_valid 200 7d;
    }
  }
`
