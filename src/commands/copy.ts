import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

type Options = ServerOptions & { readonly json?: boolean }

type Copied = {
  readonly digest: string
  readonly imageCount: number
  readonly missing: readonly string[]
}

/** `entrepot copy`: makes an image that is kept a hosted one, without the network and without copying a byte. */
export async function copy(from: string, to: string, options: Options): Promise<void> {
  const copied = (await askServer(options, 'POST', '/api/v1/copy', { from, to })) as Copied
  process.stdout.write(options.json ? `${JSON.stringify(copied)}\n` : describe(to, copied))
}

function describe(to: string, { digest, missing }: Copied): string {
  const lines = [`${to} is ${digest}`]
  if (missing.length > 0) {
    const what = missing.length === 1 ? '1 part' : `${missing.length} parts`
    lines.push(
      `${what} of its index, such as other platforms, are not kept here: pulls of them will find nothing`,
    )
  }
  return `${lines.join('\n')}\n`
}
