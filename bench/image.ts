import { createHash, randomFillSync } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const usualLayerBytes = 100_000_000
const chunkBytes = 1 << 20

export const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json'
const configMediaType = 'application/vnd.oci.image.config.v1+json'
const layerMediaType = 'application/vnd.oci.image.layer.v1.tar'

/** Content that is served, with the file that holds it. */
export interface Content {
  readonly digest: string
  readonly size: number
  readonly file: string
}

export interface BenchImage {
  readonly repository: string
  readonly tag: string
  readonly manifest: Content
  readonly config: Content
  readonly layer: Content
}

/** An image of one layer, of 100 MB unless said otherwise. */
export const createImage = async (
  directory: string,
  layerBytes = usualLayerBytes,
): Promise<BenchImage> => {
  const layer = await writeLayer(join(directory, 'layer'), layerBytes)
  const config = await writeContent(join(directory, 'config'), {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const manifest = await writeContent(join(directory, 'manifest'), {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: { mediaType: configMediaType, digest: config.digest, size: config.size },
    layers: [{ mediaType: layerMediaType, digest: layer.digest, size: layer.size }],
  })
  return { repository: 'bench/image', tag: '1', manifest, config, layer }
}

/** Random bytes, so that nothing on the way can compress them. */
export const writeLayer = async (file: string, layerBytes: number): Promise<Content> => {
  const hash = createHash('sha256')
  const chunks = function* () {
    for (let left = layerBytes; left > 0; left -= chunkBytes) {
      const chunk = randomFillSync(Buffer.alloc(Math.min(left, chunkBytes)))
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(file))
  return { digest: `sha256:${hash.digest('hex')}`, size: layerBytes, file }
}

const writeContent = async (file: string, value: object): Promise<Content> => {
  const bytes = Buffer.from(JSON.stringify(value))
  await writeFile(file, bytes)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { digest, size: bytes.length, file }
}
