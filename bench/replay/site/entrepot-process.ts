import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../../free-port.ts'
import { type ProcessGroup, startProcessGroup } from '../../process-group.ts'
import { readProcessorSeconds } from '../../processor-time.ts'
import { startArguments } from '../../start-command.ts'
import { type Memory, readMemory } from './memory.ts'
import type { UpstreamProcess } from './upstream-process.ts'

export interface EntrepotOptions {
  readonly upstreams: readonly UpstreamProcess[]
  readonly tagTtlMs: number
  /** Lines of mirrors.yaml besides what every scenario has. */
  readonly extraConfig?: string
  readonly directory: string
  readonly signal: AbortSignal
}

/** This project, run as `npm start` does. */
export class EntrepotProcess implements AsyncDisposable {
  readonly url: string
  readonly #options: EntrepotOptions
  readonly #configFile: string
  #group: ProcessGroup

  private constructor(
    options: EntrepotOptions,
    { url, configFile, group }: { url: string; configFile: string; group: ProcessGroup },
  ) {
    this.url = url
    this.#options = options
    this.#configFile = configFile
    this.#group = group
  }

  static async start(options: EntrepotOptions): Promise<EntrepotProcess> {
    const port = await findFreePort()
    const url = `http://127.0.0.1:${port}`
    const configFile = join(options.directory, 'mirrors.yaml')
    await mkdir(join(options.directory, 'data'), { recursive: true })
    await writeFile(configFile, configText(port, options))
    return new EntrepotProcess(options, {
      url,
      configFile,
      group: await launch(url, configFile, options),
    })
  }

  /** Stops it in order and starts it again with what it kept; resolves once it is ready. */
  async restart(): Promise<void> {
    await this.#group[Symbol.asyncDispose]()
    this.#group = await launch(this.url, this.#configFile, this.#options)
  }

  readMemory(): Promise<Memory | undefined> {
    return readMemory(this.#group.id)
  }

  readProcessorSeconds(): Promise<number | undefined> {
    return readProcessorSeconds(this.#group.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#group[Symbol.asyncDispose]()
  }
}

const launch = (
  url: string,
  configFile: string,
  { directory, signal }: EntrepotOptions,
): Promise<ProcessGroup> => {
  const args = [...startArguments(), 'serve', '--config', configFile]
  const logFile = join(directory, 'entrepot.log')
  const command = { name: 'entrepot', program: process.execPath, args, logFile }
  return startProcessGroup(command, `${url}/readyz`, signal)
}

const configText = (
  port: number,
  { upstreams, tagTtlMs, directory, extraConfig = '' }: EntrepotOptions,
): string => `
listen: 127.0.0.1:${port}
data: ${JSON.stringify(join(directory, 'data'))}
upstreams:
${upstreams.map(({ name, url }) => `  ${name}: {url: "${url}", tagTtl: ${tagTtlMs}ms}`).join('\n')}
${extraConfig}
`
