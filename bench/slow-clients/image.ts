import { createHash } from 'node:crypto'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'

export interface PushedImage {
  readonly repository: string
  readonly digests: readonly string[]
}

/** Pushes an image of these layers as `latest`. */
export const pushImage = async (
  url: string,
  repository: string,
  layers: readonly Buffer[],
): Promise<PushedImage> => {
  const blobs = [Buffer.from('{}'), ...layers]
  const digests = blobs.map((blob) => `sha256:${createHash('sha256').update(blob).digest('hex')}`)
  const place = `${url}/v2/${repository}`
  for (const [index, blob] of blobs.entries())
    await send(`${place}/blobs/uploads/?digest=${digests[index]}`, 'POST', blob)
  const descriptors = blobs.map(({ length }, index) => ({
    mediaType: `application/vnd.oci.image.${index === 0 ? 'config.v1+json' : 'layer.v1.tar'}`,
    digest: digests[index],
    size: length,
  }))
  const [config, ...rest] = descriptors
  const manifest = { schemaVersion: 2, mediaType: manifestType, config, layers: rest }
  await send(`${place}/manifests/latest`, 'PUT', Buffer.from(JSON.stringify(manifest)))
  return { repository, digests }
}

/** All of it, one after another, as a client on connections of its own does. */
export const pullImage = async (
  url: string,
  { repository, digests }: PushedImage,
): Promise<void> => {
  await read(`${url}/v2/${repository}/manifests/latest`)
  for (const digest of digests) await read(`${url}/v2/${repository}/blobs/${digest}`)
}

const send = async (url: string, method: string, body: Buffer): Promise<void> => {
  const headers = { 'content-type': manifestType }
  const response = await fetch(url, { method, headers, body: new Uint8Array(body) })
  if (response.status !== 201)
    throw new Error(`${url}: ${response.status} ${await response.text()}`)
}

const read = async (url: string): Promise<void> => {
  // A connection of its own each time: it must get in beside the others.
  const response = await fetch(url, { headers: { connection: 'close' } })
  if (response.status !== 200) throw new Error(`${url}: ${response.status}`)
  await response.arrayBuffer()
}
