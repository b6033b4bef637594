// What a real registry was asked for, from the URIs of its log. The only public log found is an
// excerpt of IBM's (FAST'18): ibm_docker_trace_725k.csv.zst in github.com/tstromberg/gocachemark,
// under internal/trace/testdata. Order, popularity and sharing are real there. It has no times, no
// sizes (they are drawn, from the same mixture as the model's) and no contents of manifests: what is
// asked for in a repository after one of its manifests is taken for that manifest's layers.

import { drawLayerBytes } from '../replay/trace/images.ts'
import { Random } from '../replay/trace/random.ts'
import type { Demand, Thing } from './demands.ts'

// With its config.
const manifestBytes = 7000
const pattern = /^v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<name>[^/]+)$/

/** Of URIs such as `v2/team/app/blobs/1f2e`; others are passed over. The seed is for the sizes. */
export const createLoggedDemands = (uris: readonly string[], seed: number): readonly Demand[] => {
  const log = new Log(seed)
  for (const uri of uris) {
    const { repository, kind, name } = pattern.exec(uri)?.groups ?? {}
    if (repository === undefined || name === undefined) continue
    if (kind === 'blobs') log.addBlob(repository, name)
    else log.addManifest(repository, name)
  }
  return log.demands
}

interface LoggedManifest extends Thing {
  readonly blobs: Thing[]
  readonly index: undefined
  readonly platforms: readonly []
  imageBytes: number
}

interface LoggedDemand extends Demand {
  kind: Demand['kind']
  readonly manifests: readonly [LoggedManifest]
  readonly blobs: Thing[]
}

class Log {
  readonly demands: LoggedDemand[] = []
  readonly #random: Random
  readonly #blobs = new Map<string, Thing>()
  readonly #manifests = new Map<string, LoggedManifest>()
  /** The last one of each repository: what follows there belongs to it. */
  readonly #open = new Map<string, LoggedDemand>()
  #count = 0

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  addManifest(repository: string, reference: string): void {
    this.#begin(repository, this.#manifest(`${repository}@${reference}`))
  }

  addBlob(repository: string, digest: string): void {
    const blob = this.#blob(digest)
    const demand = this.#demandFor(repository, blob)
    demand.kind = 'pull'
    demand.blobs.push(blob)
    const [manifest] = demand.manifests
    if (manifest.blobs.includes(blob)) return
    manifest.blobs.push(blob)
    manifest.imageBytes += blob.sizeBytes
  }

  /** The log may begin in the middle of a pull; and the same blob again is another client's pull. */
  #demandFor(repository: string, blob: Thing): LoggedDemand {
    const open = this.#open.get(repository)
    if (open === undefined) return this.#begin(repository, this.#manifest(repository))
    return open.blobs.includes(blob) ? this.#begin(repository, open.manifests[0]) : open
  }

  #begin(repository: string, manifest: LoggedManifest): LoggedDemand {
    const demand: LoggedDemand = { kind: 'poll', manifests: [manifest], blobs: [] }
    this.demands.push(demand)
    this.#open.set(repository, demand)
    return demand
  }

  #manifest(key: string): LoggedManifest {
    const known = this.#manifests.get(key)
    if (known !== undefined) return known
    const size = { sizeBytes: manifestBytes, imageBytes: manifestBytes }
    const manifest: LoggedManifest = {
      id: this.#count++,
      ...size,
      blobs: [],
      index: undefined,
      platforms: [],
    }
    this.#manifests.set(key, manifest)
    return manifest
  }

  #blob(digest: string): Thing {
    const known = this.#blobs.get(digest)
    if (known !== undefined) return known
    const blob = { id: this.#count++, sizeBytes: drawLayerBytes(this.#random) }
    this.#blobs.set(digest, blob)
    return blob
  }
}
