import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import { type BenchImage, manifestMediaType } from '../image.ts'
import { startProcessGroup } from '../process-group.ts'
import type { RunningServer, ServerKind, ServerSite } from './server.ts'

const mainFile = join(import.meta.dirname, '../../src/main.ts')

/** This project, run from its sources as `npm start` does, with the bench's upstream as docker.io. */
export const entrepot: ServerKind = {
  name: 'entrepot',
  title: 'this checkout, as it is',
  programs: [],
  start: async ({ directory, image, upstreamUrl, signal }: ServerSite): Promise<RunningServer> => {
    const port = await findFreePort()
    const configFile = join(directory, 'mirrors.yaml')
    await writeFile(configFile, configText(port, directory, upstreamUrl))
    const url = `http://127.0.0.1:${port}`
    const args = [mainFile, 'serve', '--config', configFile]
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
      isKept: (kept) => areHits(repositoryUrl, kept),
      [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
    }
  },
}

const configText = (port: number, directory: string, upstreamUrl: string): string => `
listen: 127.0.0.1:${port}
data: ${JSON.stringify(join(directory, 'data'))}
upstreams:
  docker.io: {url: "${upstreamUrl}", tagTtl: 5m}
`

const areHits = async (
  repositoryUrl: string,
  { tag, manifest, config, layer }: BenchImage,
): Promise<boolean> => {
  const paths = [
    `manifests/${tag}`,
    `manifests/${manifest.digest}`,
    `blobs/${config.digest}`,
    `blobs/${layer.digest}`,
  ]
  const outcomes = await Promise.all(paths.map((path) => readOutcome(`${repositoryUrl}/${path}`)))
  return outcomes.every((outcome) => outcome === 'hit')
}

const readOutcome = async (url: string): Promise<string | null> => {
  const response = await fetch(url, { method: 'HEAD', headers: { accept: manifestMediaType } })
  return response.headers.get('x-entrepot-cache')
}
