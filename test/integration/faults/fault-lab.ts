import { join } from 'node:path'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { type Certificates, makeCertificates } from '../../support/lab/certificates.ts'
import { MovableClock } from '../../support/movable-clock.ts'
import { ask } from '../../support/raw-client.ts'
import {
  type Behaviour,
  type RequestMatch,
  ScriptedUpstream,
} from '../../support/scripted-upstream.ts'
import { type Settings, type StartedServer, startServer } from '../../support/start-server.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

export interface LabOptions {
  /** Of the upstream, as in mirrors.yaml. */
  readonly settings?: Settings
  /** Whether the upstream has a second URL, with a registry of its own that always works. */
  readonly hasSecond?: boolean
  /** Whether there is another host that upstream may send us to. */
  readonly hasElsewhere?: boolean
  /** Whether upstream speaks TLS. */
  readonly isSecure?: boolean
}

interface Parts {
  readonly upstream: ScriptedUpstream
  readonly second: ScriptedUpstream | undefined
  readonly elsewhere: ScriptedUpstream | undefined
  readonly proxy: FaultProxy
  readonly start: (clock: MovableClock) => Promise<StartedServer>
}

/** Longer than any limit in the table holds, and than "not found" is remembered. */
const aWhileMs = 60_000

/** Where a row takes place: our server, a line that may fail, and behind it a registry that may lie. */
export class FaultLab implements AsyncDisposable {
  /** Behind the proxy; docker.io, as far as our server knows. */
  readonly upstream: ScriptedUpstream
  readonly second: ScriptedUpstream | undefined
  /** At localhost, which is another host than 127.0.0.1. */
  readonly elsewhere: ScriptedUpstream | undefined
  readonly proxy: FaultProxy
  readonly clock = new MovableClock()
  readonly #start: Parts['start']
  readonly #undo: (() => void)[] = []
  #closing: AsyncDisposableStack
  #server: StartedServer | undefined

  private constructor(parts: Parts, closing: AsyncDisposableStack) {
    this.upstream = parts.upstream
    this.second = parts.second
    this.elsewhere = parts.elsewhere
    this.proxy = parts.proxy
    this.#start = parts.start
    this.#closing = closing
  }

  static async start(options: LabOptions): Promise<FaultLab> {
    await using closing = new AsyncDisposableStack()
    const lab = new FaultLab(await startParts(options, closing), closing)
    await lab.restartServer()
    lab.#closing = closing.move()
    return lab
  }

  get server(): StartedServer {
    if (!this.#server) throw new Error('the server was never started')
    return this.#server
  }

  /** Whatever has content. */
  get registries(): readonly ScriptedUpstream[] {
    return [this.upstream, this.second, this.elsewhere].filter((registry) => registry !== undefined)
  }

  /** Until the fault is mended, the upstream behaves so. */
  script(match: RequestMatch, ...behaviours: readonly Behaviour[]): void {
    for (const behaviour of behaviours) this.#undo.push(this.upstream.script(match, behaviour))
  }

  /** With the same data. */
  async restartServer(): Promise<void> {
    await this.#server?.stop()
    const server = await this.#start(this.clock)
    this.#closing.defer(() => server.stop())
    this.#server = server
  }

  forgetRequests(): void {
    for (const { requests } of this.registries) requests.splice(0)
  }

  /** Everything works again, and what limits there were have passed. */
  async mend(): Promise<void> {
    for (const undo of this.#undo.splice(0)) undo()
    await this.upstream.stop()
    await this.upstream.start()
    await this.proxy.pass()
    this.clock.advance(aWhileMs)
    // Who has nothing kept waits for a trial: with that, nobody needs to wait for the next one.
    await ask(this.server, '/v2/team/other/tags/list')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync()
  }
}

const startParts = async (options: LabOptions, closing: AsyncDisposableStack): Promise<Parts> => {
  const { path: folder, remove } = await makeTemporaryDirectory()
  closing.defer(remove)
  const certificates = options.isSecure ? await makeCertificates(folder) : undefined
  const startRegistry = async (tls?: Certificates) => {
    const registry = await ScriptedUpstream.start(tls)
    closing.defer(() => registry.stop())
    return registry
  }
  const upstream = await startRegistry(certificates)
  const second = options.hasSecond ? await startRegistry() : undefined
  const elsewhere = options.hasElsewhere ? await startRegistry() : undefined
  const proxy = await FaultProxy.start(upstream)
  closing.defer(() => proxy.stop())
  const ofFirst = certificates ? proxy.url.replace('http:', 'https:') : proxy.url
  const ca = certificates ? { ca: certificates.caFile } : {}
  const own = { url: second ? [ofFirst, second.url] : ofFirst, ...ca, ...options.settings }
  const settings = { upstreams: { 'docker.io': own } }
  const start = (clock: MovableClock) => startServer(join(folder, 'entrepot'), settings, clock)
  return { upstream, second, elsewhere, proxy, start }
}
