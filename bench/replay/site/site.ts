import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Report } from '../../progress.ts'
import type { Shelf } from '../content/shelf.ts'
import { ClientsProcess } from './clients-process.ts'
import { EntrepotProcess } from './entrepot-process.ts'
import { UpstreamProcess } from './upstream-process.ts'

/** What a scenario is given. */
export interface Ground {
  /** An empty folder, removed after the scenario. */
  readonly directory: string
  readonly signal: AbortSignal
  readonly report: Report
}

export interface SiteOptions {
  readonly shelves: Readonly<Record<string, Shelf>>
  readonly tagTtlMs: number
  readonly extraConfig?: string
}

/** Upstreams, the server under test and its clients, each in a process of its own. */
export interface Site extends AsyncDisposable {
  readonly upstreams: ReadonlyMap<string, UpstreamProcess>
  readonly entrepot: EntrepotProcess
  readonly clients: ClientsProcess
}

export const openSite = async (ground: Ground, options: SiteOptions): Promise<Site> => {
  const { directory, signal, report } = ground
  const { shelves, ...entrepotOptions } = options
  report('starting upstream, server and clients')
  await mkdir(directory, { recursive: true })
  await using stack = new AsyncDisposableStack()
  const upstreams = new Map<string, UpstreamProcess>()
  for (const [name, shelf] of Object.entries(shelves)) {
    const upstream = await UpstreamProcess.start({ name, shelf, directory, signal })
    upstreams.set(name, stack.use(upstream))
  }
  const serverFolder = join(directory, 'entrepot')
  await mkdir(serverFolder)
  const entrepot = stack.use(
    await EntrepotProcess.start({
      ...entrepotOptions,
      upstreams: [...upstreams.values()],
      directory: serverFolder,
      signal,
    }),
  )
  const clients = stack.use(await ClientsProcess.start({ directory, signal, report }))
  const owned = stack.move()
  return { upstreams, entrepot, clients, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The upstream that every scenario has. */
export const dockerHub = 'docker.io'

export const findUpstream = ({ upstreams }: Site, name: string): UpstreamProcess => {
  const upstream = upstreams.get(name)
  if (upstream === undefined) throw new Error(`the site has no upstream ${name}`)
  return upstream
}
