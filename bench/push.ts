import { openAsBlob } from 'node:fs'
import { type BenchImage, manifestMediaType } from './image.ts'

/** Pushes an image to a registry that wants no login: blobs first, as the spec has it. */
export const pushImage = async (
  registryUrl: string,
  image: BenchImage,
  signal: AbortSignal,
): Promise<void> => {
  const repositoryUrl = `${registryUrl}/v2/${image.repository}`
  for (const { digest, file } of [image.layer, image.config])
    await pushBlob(repositoryUrl, { digest, body: await openAsBlob(file) }, signal)
  const manifest = { mediaType: manifestMediaType, body: await openAsBlob(image.manifest.file) }
  await pushManifest(`${repositoryUrl}/manifests/${image.tag}`, manifest, signal)
}

type Body = Blob | Uint8Array<ArrayBuffer>

export const pushManifest = async (
  url: string,
  { mediaType, body }: { readonly mediaType: string; readonly body: Body },
  signal: AbortSignal,
): Promise<void> => {
  const headers = { 'content-type': mediaType }
  await expectCreated(await fetch(url, { method: 'PUT', headers, body, signal }), 'a manifest')
}

// OCI distribution 1.1, "POST then PUT": the Location may be relative and may hold a query.
export const pushBlob = async (
  repositoryUrl: string,
  { digest, body }: { readonly digest: string; readonly body: Body },
  signal: AbortSignal,
): Promise<void> => {
  const opening = await fetch(`${repositoryUrl}/blobs/uploads/`, { method: 'POST', signal })
  await opening.body?.cancel()
  const location = opening.headers.get('location')
  if (opening.status !== 202 || location === null)
    throw new Error(`an upload was answered ${opening.status}, without a place to send it to`)
  const target = new URL(location, repositoryUrl)
  target.searchParams.set('digest', digest)
  const response = await fetch(target, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body,
    signal,
  })
  await expectCreated(response, `blob ${digest}`)
}

const expectCreated = async (response: Response, what: string): Promise<void> => {
  const text = await response.text()
  if (response.status !== 201)
    throw new Error(`the push of ${what} was answered ${response.status}: ${text}`)
}
