import { Agent, type Dispatcher, request } from 'undici'
import {
  type BuiltImage,
  type BuiltIndex,
  type BuiltManifest,
  buildImage,
  buildIndex,
  type Descriptor,
  type ImageRecipe,
  type Platform,
} from '../image-builder.ts'

/** Where to push to: a registry, and what it wants to see. */
export interface PushTarget {
  readonly url: string
  readonly repository: string
  readonly token?: string
  /** The PEM text of a private CA. */
  readonly ca?: string
}

/** Builds the image and uploads it, each blob whole in one PUT. */
export const pushImage = (
  target: PushTarget,
  tag: string,
  recipe: ImageRecipe,
): Promise<BuiltImage> =>
  withConnection(target, async (connection) => {
    const image = await buildImage(recipe, connection.uploadBlob)
    await connection.putManifest(tag, image)
    return image
  })

/** As `pushImage`, once for every platform; the tag names the index. */
export const pushIndex = (
  target: PushTarget,
  tag: string,
  recipe: ImageRecipe & { readonly platforms: readonly Platform[] },
): Promise<BuiltIndex> =>
  withConnection(target, async (connection) => {
    const index = await buildIndex(recipe, recipe.platforms, connection.uploadBlob)
    for (const image of index.images) await connection.putManifest(image.descriptor.digest, image)
    await connection.putManifest(tag, index)
    return index
  })

interface Connection {
  uploadBlob(descriptor: Descriptor, bytes: Buffer): Promise<void>
  putManifest(reference: string, manifest: BuiltManifest): Promise<void>
}

const withConnection = async <T>(
  target: PushTarget,
  use: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const dispatcher = new Agent(target.ca === undefined ? {} : { connect: { ca: target.ca } })
  try {
    return await use(connect(target, dispatcher))
  } finally {
    await dispatcher.close()
  }
}

const connect = (target: PushTarget, dispatcher: Dispatcher): Connection => {
  const base = `${target.url}/v2/${target.repository}`
  const authorization =
    target.token === undefined ? {} : { authorization: `Bearer ${target.token}` }
  const send = async (method: 'POST' | 'PUT', url: string, type: string, body: Buffer) => {
    const headers = { ...authorization, 'content-type': type, 'content-length': `${body.length}` }
    const answer = await request(url, { dispatcher, method, headers, body })
    const text = await answer.body.text()
    if (answer.statusCode < 300) return answer
    throw new Error(`${method} ${url} was answered with ${answer.statusCode}: ${text}`)
  }
  return {
    async uploadBlob({ digest }, bytes) {
      const type = 'application/octet-stream'
      const begun = await send('POST', `${base}/blobs/uploads/`, type, Buffer.alloc(0))
      const location = new URL(String(begun.headers.location), base)
      location.searchParams.set('digest', digest)
      await send('PUT', location.href, type, bytes)
    },
    async putManifest(reference, { descriptor, bytes }) {
      await send('PUT', `${base}/manifests/${reference}`, descriptor.mediaType, bytes)
    },
  }
}
