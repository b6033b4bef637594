import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import type { BenchImage } from '../image.ts'
import { type ProcessGroup, startProcessGroup } from '../process-group.ts'
import { locateProgram } from '../programs.ts'
import type { Certificate, RunningServer, ServerKind, ServerSite } from './server.ts'

interface RegistryOptions {
  readonly name: string
  readonly directory: string
  readonly signal: AbortSignal
  /** What it mirrors; without one it is an ordinary registry. */
  readonly proxiedUrl?: string
  readonly certificate?: Certificate | undefined
}

/** The mirror mode of the registry that most people run today. */
export const dockerRegistry: ServerKind = {
  name: 'docker-registry',
  title: 'docker-registry as a pull-through mirror, no access log',
  programs: ['docker-registry', 'openssl'],
  start: async (site: ServerSite): Promise<RunningServer> => {
    const { directory, upstreamUrl: proxiedUrl, certificate, signal } = site
    const options = { name: 'docker-registry', directory, signal, proxiedUrl, certificate }
    const { url, group } = await startDockerRegistry(options)
    return {
      name: 'docker-registry',
      repositoryUrl: `${url}/v2/bench/image`,
      process: group,
      isKept: (image) => hasLinks(directory, image),
      [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
    }
  },
}

export interface RunningRegistry {
  readonly url: string
  readonly group: ProcessGroup
}

/** Starts docker-registry with the in-memory cache of descriptors that Debian's own setup has. */
export const startDockerRegistry = async (options: RegistryOptions): Promise<RunningRegistry> => {
  const { name, directory, signal } = options
  const port = await findFreePort()
  const configFile = join(directory, 'config.yml')
  await writeFile(configFile, configText(port, options))
  const program = await locateProgram('docker-registry')
  const logFile = join(directory, 'log')
  const url = `${options.certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  const command = { name, program, args: ['serve', configFile], logFile }
  return { url, group: await startProcessGroup(command, `${url}/v2/`, signal) }
}

const configText = (
  port: number,
  { directory, proxiedUrl, certificate }: RegistryOptions,
): string => `
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  cache: {blobdescriptor: inmemory}
  filesystem: {rootdirectory: ${JSON.stringify(storageFolder(directory))}}
http:
  addr: "127.0.0.1:${port}"
  secret: bench
${certificate === undefined ? '' : `  tls: {certificate: "${certificate.certFile}", key: "${certificate.keyFile}"}`}
${proxiedUrl === undefined ? '' : `proxy: {remoteurl: "${proxiedUrl}"}`}
`

const storageFolder = (directory: string) => join(directory, 'storage')

// It stores a blob beside answering the first client, and writes its link in the repository last.
const hasLinks = async (
  directory: string,
  { repository, layer, config }: BenchImage,
): Promise<boolean> => {
  const layers = join(
    storageFolder(directory),
    'docker/registry/v2/repositories',
    repository,
    '_layers/sha256',
  )
  const links = [layer, config].map(({ digest }) => join(layers, digest.slice(7), 'link'))
  try {
    await Promise.all(links.map((link) => access(link)))
    return true
  } catch {
    return false
  }
}
