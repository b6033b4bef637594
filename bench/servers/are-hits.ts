import { type BenchImage, manifestMediaType } from '../image.ts'

/** Whether all of an image is answered from the cache, as the server says in that header. */
export const areHits = async (
  repositoryUrl: string,
  { tag, manifest, config, layer }: BenchImage,
  header: string,
): Promise<boolean> => {
  const paths = [
    `manifests/${tag}`,
    `manifests/${manifest.digest}`,
    `blobs/${config.digest}`,
    `blobs/${layer.digest}`,
  ]
  const isHit = async (path: string): Promise<boolean> => {
    const options = { method: 'HEAD', headers: { accept: manifestMediaType } }
    const { headers } = await fetch(`${repositoryUrl}/${path}`, options)
    return headers.get(header)?.toLowerCase() === 'hit'
  }
  return (await Promise.all(paths.map(isHit))).every(Boolean)
}
