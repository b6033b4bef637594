import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import { startProcessGroup } from '../process-group.ts'
import { startArguments } from '../start-command.ts'
import { areHits } from './are-hits.ts'
import type { RunningServer, ServerKind, ServerSite } from './server.ts'

/** This project, run as `npm start` does, with the bench's upstream as docker.io. */
export const entrepot: ServerKind = {
  name: 'entrepot',
  title: 'this checkout, as it is',
  programs: ['openssl'],
  start: async (site: ServerSite): Promise<RunningServer> => {
    const { directory, image, certificate, preloads, signal } = site
    const port = await findFreePort()
    const configFile = join(directory, 'mirrors.yaml')
    await writeFile(configFile, configText(port, site))
    const url = `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    const preloading = preloads === undefined ? [] : ['--import', preloads]
    const args = [...preloading, ...startArguments(), 'serve', '--config', configFile]
    const group = await startProcessGroup(
      { name: 'entrepot', program: process.execPath, args, logFile: join(directory, 'log') },
      `${url}/readyz`,
      signal,
    )
    const repositoryUrl = `${url}/v2/docker.io/${image.repository}`
    return {
      name: 'entrepot',
      repositoryUrl,
      process: group,
      isKept: (kept) => areHits(repositoryUrl, kept, 'x-entrepot-cache'),
      [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
    }
  },
}

const configText = (
  port: number,
  { directory, upstreamUrl, threads, certificate }: ServerSite,
): string => `
listen: 127.0.0.1:${port}
data: ${JSON.stringify(entrepotData(directory))}
access: {anonymous: push}
upstreams:
  docker.io: {url: "${upstreamUrl}", tagTtl: 5m}
${threads === undefined ? '' : `threads: ${threads}`}
${certificate === undefined ? '' : `tls: {cert: "${certificate.certFile}", key: "${certificate.keyFile}"}`}
`

/** The data folder of an Entrepot whose site has this folder. */
export const entrepotData = (directory: string): string => join(directory, 'data')
