import { expect } from 'vitest'
import { digestOf } from './image-builder.ts'
import { pushImage } from './push-image.ts'
import { ask } from './raw-client.ts'

type Target = { readonly port: number }

export interface AcknowledgedPush {
  readonly repository: string
  readonly tag: string
  readonly digest: string
  /** When its client had the answer, in milliseconds since 1970. */
  readonly at: number
}

/** Clients that push small images one after another, each to a repository of its own. */
export class Pushers {
  readonly pushes: AcknowledgedPush[] = []
  readonly #server: Target
  readonly #clients: Promise<void>[]
  #isEnding = false

  constructor(server: Target, count: number) {
    this.#server = server
    this.#clients = Array.from({ length: count }, (_, client) => this.#run(`team/app${client}`))
  }

  /** Resolves once each has ended what it was at. */
  async end(): Promise<void> {
    this.#isEnding = true
    await Promise.all(this.#clients)
  }

  async #run(repository: string): Promise<void> {
    for (let at = 0; !this.#isEnding; at++) {
      const recipe = { seed: `${repository} ${at}`, layerSizes: [4000, 9000] }
      const tag = `v${at}`
      const { descriptor, reply } = await pushImage(this.#server, repository, { tag, recipe })
      if (reply.status !== 201) throw new Error(`not taken: ${reply.status} ${reply.body}`)
      this.pushes.push({ repository, tag, digest: descriptor.digest, at: Date.now() })
    }
  }
}

/** Pulls all of an image, and compares each byte of it with its digest. */
export const pullWhole = async (
  server: Target,
  { repository, tag, digest }: Omit<AcknowledgedPush, 'at'>,
): Promise<void> => {
  const manifest = await ask(server, `/v2/${repository}/manifests/${tag}`)
  expect([repository, tag, manifest.status]).toEqual([repository, tag, 200])
  expect(digestOf(manifest.body)).toBe(digest)
  const { config, layers } = JSON.parse(String(manifest.body))
  for (const { digest } of [config, ...layers]) {
    const blob = await ask(server, `/v2/${repository}/blobs/${digest}`)
    expect([repository, tag, blob.status]).toEqual([repository, tag, 200])
    expect(digestOf(blob.body)).toBe(digest)
  }
}
