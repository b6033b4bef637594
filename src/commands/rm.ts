import { CommandError } from './command-error.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

type Options = ServerOptions & { readonly repository?: boolean; readonly json?: boolean }
type Removed = { readonly tags: readonly string[]; readonly digests: readonly string[] }

/** `entrepot rm`: takes pushed images out of their repositories. What only they needed is freed later. */
export async function rm(images: readonly string[], options: Options): Promise<void> {
  if (!options.repository) images.forEach(requireReference)
  const results: ({ name: string } & Removed)[] = []
  try {
    for (const name of images) {
      const body = options.repository ? { repository: name } : { image: name }
      const removed = (await askServer(options, 'POST', '/api/v1/remove', body)) as Removed
      results.push({ name, ...removed })
      if (!options.json) process.stdout.write(`${describe(name, removed)}\n`)
    }
  } finally {
    // What was removed before one that couldn't be is gone all the same.
    if (options.json) process.stdout.write(`${JSON.stringify({ removed: results })}\n`)
  }
}

/** A name alone would mean its tag latest to some, and all that it has to others. */
function requireReference(image: string): void {
  const last = image.slice(image.lastIndexOf('/') + 1)
  if (/[:@]/.test(last)) return
  const what = `${image} names no image: wanted ${image}:TAG or ${image}@DIGEST, or --repository for all that it has`
  throw new CommandError(what, { isUsage: true })
}

function describe(name: string, { tags, digests }: Removed): string {
  if (digests.length === 0)
    return `${name}: the tag is removed; other tags or an index keep the image`
  const images = digests.length === 1 ? '1 image' : `${digests.length} images`
  const named = tags.length > 1 ? ` with its tags ${tags.join(', ')}` : ''
  return `${name}: ${images} removed${named}; what only they needed is freed once no push can count on it, in an hour or a day`
}
