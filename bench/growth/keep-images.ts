import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '../../test/support/image-builder.ts'
import { type BenchImage, manifestMediaType } from '../image.ts'
import type { RunningServer } from '../servers/server.ts'
import { waitUntil } from '../wait.ts'

const atOnce = 16
const keepTimeoutMs = 30_000

/** Pulls images through a server, checks what comes, and waits until it keeps them. */
export const keepImages = async (
  server: RunningServer,
  images: readonly BenchImage[],
  signal: AbortSignal,
): Promise<void> => {
  const keep = async (image: BenchImage): Promise<void> => {
    await pullChecked(`${server.repositoryUrl}/manifests/${image.tag}`, image.manifest, signal)
    await pullChecked(
      `${server.repositoryUrl}/manifests/${image.manifest.digest}`,
      image.manifest,
      signal,
    )
    await pullChecked(`${server.repositoryUrl}/blobs/${image.layer.digest}`, image.layer, signal)
    const what = `${server.name} to keep ${image.tag}`
    await waitUntil(() => server.isKept(image), { what, timeoutMs: keepTimeoutMs, signal })
  }
  const left = images.values()
  const keepSome = async (): Promise<void> => {
    for (const image of left) await keep(image)
  }
  await Promise.all(Array.from({ length: atOnce }, keepSome))
}

const pullChecked = async (
  url: string,
  { digest }: { readonly digest: string },
  signal: AbortSignal,
): Promise<void> => {
  const response = await fetch(url, { headers: { accept: manifestMediaType }, signal })
  const found = digestOf(await response.bytes())
  if (found !== digest) throw new Error(`${url} was answered ${response.status}, with ${found}`)
}

/** Lists what a load asks for, round-robin; returns the file. */
export const writePaths = async (
  directory: string,
  server: RunningServer,
  images: readonly BenchImage[],
): Promise<string> => {
  const { pathname } = new URL(server.repositoryUrl)
  const file = join(directory, `paths-${server.name}-${images.length}`)
  await writeFile(file, images.map(({ layer }) => `${pathname}/blobs/${layer.digest}\n`).join(''))
  return file
}
