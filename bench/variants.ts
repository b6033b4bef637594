import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificate } from './certificate.ts'
import { warmAndCheck } from './check-answers.ts'
import type { BenchImage } from './image.ts'
import type { ProcessGroup } from './process-group.ts'
import type { Report } from './progress.ts'
import type { Certificate, RunningServer, ServerKind, ServerSite } from './servers/server.ts'

/** A way of setting servers up. The name stands for it: two variants of one name are the same. */
export interface Variant {
  readonly name: string
  readonly isTls?: boolean
  /** Entrepot's `threads`. */
  readonly threads?: number
  /** Done once to a site that holds the image, while nothing runs there. */
  readonly prepare?: (site: ServerSite) => Promise<void>
}

/** Servers as they come: for cases that start them themselves. */
export const plain: Variant = { name: 'plain' }

export interface VariantsOptions {
  readonly directory: string
  readonly kinds: readonly ServerKind[]
  readonly image: BenchImage
  readonly upstreamUrl: string
  readonly upstreamProcess: ProcessGroup
  readonly signal: AbortSignal
  readonly report: Report
}

/** Servers in other set-ups than the default, each made when a case first asks for it. */
export class Variants implements AsyncDisposable {
  readonly #options: VariantsOptions
  readonly #stack = new AsyncDisposableStack()
  readonly #running = new Map<string, Promise<RunningServer>>()
  readonly #sites = new Map<string, Promise<ServerSite>>()
  #certificate: Promise<Certificate> | undefined

  constructor(options: VariantsOptions) {
    this.#options = options
  }

  get kinds(): readonly ServerKind[] {
    return this.#options.kinds
  }

  /** A server that runs on until the end, warmed and checked. */
  run(variant: Variant, kind: ServerKind): Promise<RunningServer> {
    return remember(this.#running, `${kind.name}-${variant.name}-running`, async (key) => {
      const site = await this.#makeSite(key, variant)
      const server = this.#stack.use(await kind.start(site))
      await warmAndCheck(server, this.#options.image, this.#options.signal)
      return server
    })
  }

  /** A folder that holds the image, where nothing runs yet. One measurement at a time may start it. */
  settle(variant: Variant, kind: ServerKind): Promise<ServerSite> {
    return remember(this.#sites, `${kind.name}-${variant.name}`, async (key) => {
      const site = await this.#makeSite(key, variant)
      await this.#warmOnce(kind, site)
      await variant.prepare?.(site)
      return site
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  async #makeSite(name: string, { isTls, threads }: Variant): Promise<ServerSite> {
    const { directory: parent, report, image, upstreamUrl, upstreamProcess, signal } = this.#options
    report(`setting up ${name}`)
    const directory = join(parent, name)
    await mkdir(directory)
    const certificate = isTls === true ? await this.#findCertificate() : undefined
    return { directory, image, upstreamUrl, upstreamProcess, signal, certificate, threads }
  }

  async #warmOnce(kind: ServerKind, site: ServerSite): Promise<void> {
    await using server = await kind.start(site)
    await warmAndCheck(server, site.image, site.signal)
  }

  #findCertificate(): Promise<Certificate> {
    this.#certificate ??= createCertificate(this.#options.directory)
    return this.#certificate
  }
}

const remember = <T>(
  known: Map<string, Promise<T>>,
  key: string,
  make: (key: string) => Promise<T>,
): Promise<T> => {
  const found = known.get(key) ?? make(key)
  known.set(key, found)
  return found
}
