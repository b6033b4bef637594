import { createHash } from 'node:crypto'
import { type BenchImage, manifestMediaType } from './image.ts'
import type { RunningServer } from './servers/server.ts'
import { waitUntil } from './wait.ts'

const keepTimeoutMs = 30_000

/**
 * Pulls the image once, so that it is kept, and then once more: status, media type and digest of
 * every answer must be right. Nothing is measured on a server that fails this.
 */
export const warmAndCheck = async (
  server: RunningServer,
  image: BenchImage,
  signal: AbortSignal,
): Promise<void> => {
  await checkAnswers(server, image, signal)
  await waitUntil(() => server.isKept(image), {
    what: `${server.name} to keep what was pulled`,
    timeoutMs: keepTimeoutMs,
    signal,
  })
  await checkAnswers(server, image, signal)
}

const checkAnswers = async (
  server: RunningServer,
  { manifest, config, layer, tag }: BenchImage,
  signal: AbortSignal,
): Promise<void> => {
  for (const reference of [tag, manifest.digest]) {
    const url = `${server.repositoryUrl}/manifests/${reference}`
    const response = await checkContent(url, manifest.digest, signal)
    const type = response.headers.get('content-type')
    if (type !== manifestMediaType) throw new Error(`${url} has the media type ${type}`)
  }
  for (const { digest } of [config, layer])
    await checkContent(`${server.repositoryUrl}/blobs/${digest}`, digest, signal)
}

/** Pulls it once, and throws unless that holds what the digest says. */
export const checkContent = async (
  url: string,
  digest: string,
  signal: AbortSignal,
): Promise<Response> => {
  const response = await fetch(url, { headers: { accept: manifestMediaType }, signal })
  if (response.status !== 200)
    throw new Error(`${url} was answered ${response.status}: ${await response.text()}`)
  const hash = createHash('sha256')
  for await (const chunk of response.body ?? []) hash.update(chunk)
  const found = `sha256:${hash.digest('hex')}`
  if (found !== digest) throw new Error(`${url} holds ${found}, wanted is ${digest}`)
  return response
}
