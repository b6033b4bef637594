import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

type Options = ServerOptions & { readonly json?: boolean }
type Pins = { readonly configured: readonly string[]; readonly added: readonly string[] }
type Pinned = { readonly image: string; readonly isNew?: boolean }

/** `entrepot pin`: never evict these, whether they are kept yet or not; without any, lists what is pinned. */
export async function pin(images: readonly string[], options: Options): Promise<void> {
  if (images.length === 0) return list(options)
  await each(images, options, async (image) => {
    const pinned = (await askServer(options, 'POST', '/api/v1/pin', { image })) as Pinned
    const how = pinned.isNew ? 'is pinned: it is never evicted' : 'was pinned already'
    return { pinned, text: `${pinned.image} ${how}` }
  })
}

/** `entrepot unpin`: from now on they age as others do. */
export async function unpin(images: readonly string[], options: Options): Promise<void> {
  await each(images, options, async (image) => {
    const pinned = (await askServer(options, 'POST', '/api/v1/unpin', { image })) as Pinned
    return { pinned, text: `${pinned.image} isn't pinned any more` }
  })
}

async function each(
  images: readonly string[],
  { json }: Options,
  act: (image: string) => Promise<{ readonly pinned: Pinned; readonly text: string }>,
): Promise<void> {
  const done: Pinned[] = []
  try {
    for (const image of images) {
      const { pinned, text } = await act(image)
      done.push(pinned)
      if (!json) process.stdout.write(`${text}\n`)
    }
  } finally {
    // What was done before one that failed is done all the same.
    if (json) process.stdout.write(`${JSON.stringify({ images: done })}\n`)
  }
}

async function list(options: Options): Promise<void> {
  const pins = (await askServer(options, 'GET', '/api/v1/pins')) as Pins
  if (options.json) process.stdout.write(`${JSON.stringify(pins)}\n`)
  else process.stdout.write(describe(pins))
}

function describe({ configured, added }: Pins): string {
  if (configured.length + added.length === 0)
    return 'nothing is pinned: entrepot pin docker.io/library/node:20 pins an image, "docker.io/library/node:20-*" a pattern\n'
  const lines = [...configured.map((pattern) => `${pattern}  (mirrors.yaml)`), ...added]
  return lines.map((line) => `${line}\n`).join('')
}
