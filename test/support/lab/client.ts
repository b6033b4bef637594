import type { Pair } from './certificates.ts'
import type { ImageArchive } from './image-layout.ts'
import type { Lab } from './lab.ts'
import type { Namespace } from './namespace.ts'

/** What a client is started with. */
export interface ClientOptions {
  readonly lab: Lab
  readonly namespace: Namespace
  /** The mirror for docker.io: a port of 127.0.0.1 that the namespace exposes. */
  readonly mirrorPort: number
  /** The CA of a mirror that speaks HTTPS; without it, it speaks HTTP. */
  readonly mirrorCa?: string | undefined
  /** What it shows to a mirror that asks for it. */
  readonly clientCertificate?: Pair | undefined
  /** Where the mirror is instead, in a namespace that reaches more than itself. */
  readonly mirrorAddress?: string
  /** Tells two clients of one kind in one lab apart. */
  readonly folder?: string
}

/**
 * A container client that takes what belongs to docker.io from a mirror, and has only that. Images of
 * the mirror's own it names by its address.
 */
export interface Client {
  readonly name: string
  /**
   * Pulls an image such as `docker.io/team/x:1` and returns its digest as the client names it: of
   * the index or of the manifest for this machine. Throws what the client printed when it fails.
   */
  pull(image: string): Promise<string>
  /**
   * Takes in what is in the archive, names it `image`, such as `127.0.0.1:5000/team/x:1`, and pushes
   * that. Throws what the client printed when it fails.
   */
  push(archive: ImageArchive, image: string): Promise<void>
  /** Forgets every image, so that the next pull asks the mirror for everything. */
  clear(): Promise<void>
}
