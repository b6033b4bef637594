import { systemClock } from '../clock.ts'
import type { Inspection } from './catalog-answers.ts'
import { formatInspection } from './format-inspection.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

type Options = ServerOptions & { readonly json?: true }

/** `entrepot inspect IMAGE`. Throws CommandError for an image that isn't kept. */
export async function inspect(image: string, { json, ...options }: Options): Promise<void> {
  const path = `/api/v1/image?name=${encodeURIComponent(image)}`
  const inspection = (await askServer(options, 'GET', path)) as Inspection
  const text = json
    ? `${JSON.stringify(inspection, null, 2)}\n`
    : formatInspection(inspection, systemClock.now())
  process.stdout.write(text)
}
