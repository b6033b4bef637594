import { Agent } from 'node:http'
import { indexMediaType, manifestMediaType } from '../content/shelf.ts'
import { type Answer, ask } from './ask.ts'
import type { PlannedPull } from './plan.ts'
import { FailedRequest, type Recorder } from './recorder.ts'
import type { RequestKind } from './report.ts'

const accept = `${indexMediaType}, ${manifestMediaType}`
/** Hashing all would cost the clients as much as serving costs the server. */
const alwaysHashedBytes = 64 * 1024
const hashedShare = 1 / 8
/** As docker and containerd do. */
const layersAtOnce = 3

interface Descriptor {
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly architecture: string }
}

interface Manifest {
  readonly manifests?: readonly Descriptor[]
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

export interface ClientSettings {
  readonly serverUrl: string
  readonly connections: number
  readonly pingsPerPull: number
  /** What any client has been served whole so far: names with tags, and digests. */
  readonly served: Set<string>
}

/** One host: asks as containerd does (odd numbers) or as docker does (even ones). */
export class Client {
  readonly #settings: ClientSettings
  readonly #isContainerd: boolean
  readonly #agent: Agent
  readonly #held = new Set<string>()
  #pingsDue = 0
  #hashesDue = 0

  constructor(number: number, settings: ClientSettings) {
    this.#settings = settings
    this.#isContainerd = number % 2 === 1
    this.#agent = new Agent({ keepAlive: true, maxSockets: settings.connections })
  }

  close(): void {
    this.#agent.destroy()
  }

  /** Never rejects: what went wrong is in the recorder. */
  async pull(pull: PlannedPull, recorder: Recorder): Promise<void> {
    const run = new PullRun(recorder)
    await this.#pullOrFail(pull, run).catch(() => undefined)
    const isImage = pull.depth !== 'check'
    if (run.isComplete && isImage) this.#settings.served.add(`${pull.name}:${pull.tag}`)
    recorder.recordPull({ isComplete: run.isComplete, isHit: run.isHit, isImage })
  }

  async #pullOrFail(pull: PlannedPull, run: PullRun): Promise<void> {
    for (this.#pingsDue += this.#settings.pingsPerPull; this.#pingsDue >= 1; this.#pingsDue--)
      await this.#ask(run, { kind: 'ping', path: '', key: 'ping' })
    if (pull.depth === 'check') {
      await this.#askForTag(pull, run, 'HEAD')
      return
    }
    const manifest = await this.#pullManifest(pull, run)
    if (pull.depth === 'image') await this.#pullBlobs(pull, manifest, run)
  }

  async #pullManifest(pull: PlannedPull, run: PullRun): Promise<Manifest> {
    const named = await this.#askForTag(pull, run, this.#isContainerd ? 'HEAD' : 'GET')
    const digest = named.header('docker-content-digest') ?? ''
    const first = this.#isContainerd
      ? await this.#askForManifest(pull.name, digest, run)
      : (JSON.parse(named.body.toString()) as Manifest)
    const own = first.manifests?.find(({ platform }) => platform?.architecture === 'amd64')
    return own === undefined ? first : this.#askForManifest(pull.name, own.digest, run)
  }

  #askForTag({ name, tag }: PlannedPull, run: PullRun, method: 'GET' | 'HEAD'): Promise<Answer> {
    return this.#ask(run, {
      kind: 'tag',
      path: `${name}/manifests/${tag}`,
      key: `${name}:${tag}`,
      method,
    })
  }

  async #askForManifest(name: string, digest: string, run: PullRun): Promise<Manifest> {
    const path = `${name}/manifests/${digest}`
    const { body } = await this.#ask(run, { kind: 'manifest', path, key: digest, digest })
    return JSON.parse(body.toString()) as Manifest
  }

  async #pullBlobs({ name, layers }: PlannedPull, manifest: Manifest, run: PullRun): Promise<void> {
    const wanted = manifest.layers.filter(({ digest }, at) =>
      layers === undefined ? !this.#held.has(digest) : layers.includes(at),
    )
    // A layer may stand in a manifest twice and is fetched once.
    const queue = new Map([manifest.config, ...wanted].map((each) => [each.digest, each])).values()
    const work = async () => {
      for (const blob of queue) await this.#pullBlob(name, blob, run)
    }
    await Promise.all(Array.from({ length: layersAtOnce }, work))
  }

  async #pullBlob(name: string, { digest, size }: Descriptor, run: PullRun): Promise<void> {
    this.#hashesDue += hashedShare
    const hashes = size <= alwaysHashedBytes || this.#hashesDue >= 1
    if (hashes && this.#hashesDue >= 1) this.#hashesDue--
    const path = `${name}/blobs/${digest}`
    await this.#ask(run, { kind: 'blob', path, key: digest, size, ...(hashes && { digest }) })
    this.#held.add(digest)
  }

  async #ask(run: PullRun, asked: Asked): Promise<Answer> {
    const { kind, path, key, method = 'GET', digest } = asked
    const { serverUrl, served } = this.#settings
    try {
      const answer = await ask(this.#agent, {
        url: `${serverUrl}/v2/${path}`,
        method,
        accept: kind === 'blob' ? '*/*' : accept,
        keepsBody: kind === 'tag' || kind === 'manifest',
        hashes: digest !== undefined,
      })
      check(answer, asked)
      const outcome = answer.header('x-entrepot-cache')
      run.recorder.recordAnswer(kind, answer, outcome)
      // That the server lives is no content.
      if (kind !== 'ping' && outcome !== 'hit') run.isHit = false
      if (kind === 'manifest' || kind === 'blob') served.add(key)
      return answer
    } catch (error) {
      run.isComplete = false
      run.recorder.recordFailure(error, served.has(key))
      throw error
    }
  }
}

/** How one pull comes out. */
class PullRun {
  readonly recorder: Recorder
  isComplete = true
  isHit = true

  constructor(recorder: Recorder) {
    this.recorder = recorder
  }
}

interface Asked {
  readonly kind: RequestKind
  readonly path: string
  /** What it counts as served by. */
  readonly key: string
  readonly method?: 'GET' | 'HEAD'
  readonly size?: number
  /** What the content must have. */
  readonly digest?: string
}

const check = (answer: Answer, { path, kind, method, size, digest }: Asked): void => {
  const { status, bytes, sha256 } = answer
  if (status !== 200) throw new FailedRequest(`${path}: status ${status}`, `${kind} ${status}`)
  const announced = answer.header('content-length')
  const wanted = size ?? (method === 'HEAD' ? 0 : Number(announced))
  if (bytes !== wanted)
    throw new FailedRequest(`${path}: ${bytes} bytes instead of ${wanted}`, 'length', {
      isWrong: true,
    })
  if (digest !== undefined && sha256 !== digest)
    throw new FailedRequest(`${path}: holds ${sha256}`, 'digest', { isWrong: true })
}
