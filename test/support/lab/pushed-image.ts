import { request } from 'undici'
import { type Descriptor, digestOf } from '../image-builder.ts'

/** What a registry answers for an image that is no index; its digest is of what came. */
export interface PushedImage {
  readonly digest: string
  /** It names what every layer unpacks to: two images of one config hold the same. */
  readonly config: string
  readonly layers: readonly string[]
}

const accept =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'

/** Throws where there is none. */
export const readPushedImage = async (
  url: string,
  repository: string,
  reference: string,
): Promise<PushedImage> => {
  const asked = `${url}/v2/${repository}/manifests/${reference}`
  const { statusCode, body } = await request(asked, { headers: { accept } })
  const bytes = Buffer.from(await body.arrayBuffer())
  if (statusCode !== 200) throw new Error(`${asked} was answered with ${statusCode}: ${bytes}`)
  const { config, layers } = JSON.parse(`${bytes}`) as Manifest
  const digests = layers.map(({ digest }) => digest)
  return { digest: digestOf(bytes), config: config.digest, layers: digests }
}

interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}
