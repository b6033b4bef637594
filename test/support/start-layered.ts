import { expect, vi } from 'vitest'
import { makeBytes } from './image-builder.ts'
import { ask, type RawRequest, type Reply } from './raw-client.ts'
import { digestOf, type ScriptedRepository } from './scripted-content.ts'
import type { ScriptedUpstream } from './scripted-upstream.ts'
import { type Mirrored, startMirrored } from './start-mirrored.ts'
import type { Settings, StartedServer } from './start-server.ts'

export interface LayeredImage {
  readonly digest: string
  readonly config: string
  /** Digests, in the manifest's order. */
  readonly layers: readonly string[]
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const layerBytes = 4096

/** A server before an upstream whose images have several layers. */
export class Layered {
  readonly mirrored: Mirrored
  server: StartedServer

  constructor(mirrored: Mirrored) {
    this.mirrored = mirrored
    this.server = mirrored.server
  }

  get upstream(): ScriptedUpstream {
    return this.mirrored.upstream
  }

  get repository(): ScriptedRepository {
    return this.upstream.repository('team/app')
  }

  async restart(): Promise<void> {
    this.server = await this.mirrored.restart()
  }

  /** With layers of their own behind those that are given. */
  addImage(tag: string, ownLayers: number, shared: readonly string[] = []): LayeredImage {
    const own = Array.from({ length: ownLayers }, (_, at) =>
      this.repository.addBlob(makeBytes(`${tag}/${at}`, layerBytes)),
    )
    const config = this.repository.addBlob(makeBytes(`${tag}/config`, layerBytes))
    const layers = [...shared, ...own]
    const bytes = manifestOf(config, layers)
    const digest = this.repository.addManifest({ bytes, mediaType: manifestType }, tag)
    return { digest, config, layers }
  }

  pullManifest(reference: string): Promise<Reply> {
    return ask(this.server, `/v2/team/app/manifests/${reference}`)
  }

  /** Of an image's layers the one at that place. */
  pullLayer({ layers }: LayeredImage, at: number, request: RawRequest = {}): Promise<Reply> {
    return ask(this.server, blobPath(layers[at]), request)
  }

  /** Which of the image's layers were fetched, by their place, in the order of arrival. */
  fetched({ layers }: LayeredImage): readonly number[] {
    const places = this.upstream.find(/^(GET|HEAD) .*\/blobs\//).map(({ url }) => {
      return layers.findIndex((digest) => url.endsWith(digest))
    })
    return places.filter((place) => place >= 0)
  }

  async kept({ layers }: Pick<LayeredImage, 'layers'>): Promise<void> {
    const files = layers.map((digest) => digest.replace('sha256:', ''))
    await vi.waitFor(
      async () => expect(await this.server.listBlobs()).toEqual(expect.arrayContaining(files)),
      10_000,
    )
  }

  /** Pulls an image of its own and waits until all of it is kept: what else was begun has begun by then. */
  async afterAnother(): Promise<void> {
    const another = this.addImage(`another ${this.upstream.requests.length}`, 4)
    await this.pullManifest(another.digest)
    await this.pullLayer(another, 0)
    await this.kept(another)
  }
}

export const startLayered = async (
  ofUpstream: Settings = {},
  others: Settings = {},
): Promise<Layered> => new Layered(await startMirrored(ofUpstream, others))

export const blobPath = (digest: string | undefined): string => `/v2/team/app/blobs/${digest}`

const manifestOf = (config: string, layers: readonly string[]): Buffer => {
  const toLayer = (digest: string) => ({
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest,
    size: layerBytes,
  })
  const mediaType = 'application/vnd.oci.image.config.v1+json'
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType, digest: config, size: layerBytes },
      layers: layers.map(toLayer),
    }),
  )
}

/** An index of these manifests. */
export const indexOf = (digests: readonly string[]) => {
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const manifests = digests.map((digest) => ({ mediaType: manifestType, digest, size: 1 }))
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }))
  return { bytes, mediaType, digest: digestOf(bytes) }
}
