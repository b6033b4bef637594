import { type BuiltImage, buildImage, type ImageRecipe } from './image-builder.ts'
import { ask, type Reply } from './raw-client.ts'

type Target = { readonly port: number }

type Headers = Readonly<Record<string, string>>

type Content = { readonly bytes: Buffer; readonly headers?: Headers }

type Pushed = {
  readonly tag: string
  readonly recipe: ImageRecipe
  /** Of whoever pushes. */
  readonly headers?: Headers | undefined
}

/** Pushes a blob in one request. */
export const uploadBlob = async (
  server: Target,
  repository: string,
  { digest, bytes, headers = {} }: Content & { readonly digest: string },
): Promise<void> => {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
  const reply = await ask(server, path, { method: 'POST', headers, body: bytes })
  if (reply.status !== 201) throw new Error(`${digest} wasn't taken: ${reply.status} ${reply.body}`)
}

/** Pushes a manifest whose blobs are there. */
export const putManifest = (
  server: Target,
  repository: string,
  {
    reference,
    mediaType,
    bytes,
    headers: others = {},
  }: Content & { reference: string; mediaType: string },
): Promise<Reply> => {
  const headers = { 'content-type': mediaType, ...others }
  const path = `/v2/${repository}/manifests/${reference}`
  return ask(server, path, { method: 'PUT', headers, body: bytes })
}

/** Makes an image and pushes all of it; gives the answer to its manifest too. */
export const pushImage = async (
  server: Target,
  repository: string,
  { tag, recipe, headers = {} }: Pushed,
): Promise<BuiltImage & { readonly reply: Reply }> => {
  const image = await buildImage(recipe, ({ digest }, bytes) =>
    uploadBlob(server, repository, { digest, bytes, headers }),
  )
  const { mediaType } = image.descriptor
  const manifest = { reference: tag, mediaType, bytes: image.bytes, headers }
  return { ...image, reply: await putManifest(server, repository, manifest) }
}
