import { readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Report } from '../../progress.ts'
import { contentVersion, digestSeededContent } from './seeded-content.ts'
import type { FindBlob, ShelvedBlob } from './shelf.ts'

interface Content {
  readonly seed: number
  readonly sizeBytes: number
}

const reportEveryMs = 1000

/**
 * Finds out the digests of contents. To hash gigabytes takes seconds, so what was found is kept in
 * a file under the system's temporary folder, named after `name`, for the next run.
 */
export const digestAll = async (
  name: string,
  contents: readonly Content[],
  { signal, report }: { readonly signal: AbortSignal; readonly report: Report },
): Promise<FindBlob> => {
  const file = join(tmpdir(), `entrepot-replay-${contentVersion}-${name}.json`)
  const known = new Map<string, string>(await readKnown(file))
  const missing = contents.filter((content) => !known.has(keyOf(content)))
  let reportedAt = performance.now()
  for (const [done, content] of missing.entries()) {
    signal.throwIfAborted()
    known.set(keyOf(content), digestSeededContent(content.seed, content.sizeBytes))
    if (performance.now() - reportedAt < reportEveryMs) continue
    report(`computing digests: ${done} of ${missing.length}`)
    reportedAt = performance.now()
    // Lets a Ctrl-C be heard.
    await breathe()
  }
  const used = contents.map((content) => [keyOf(content), known.get(keyOf(content))])
  if (missing.length > 0) await replace(file, JSON.stringify(used))
  return (content): ShelvedBlob => {
    const digest = known.get(keyOf(content))
    if (digest === undefined) throw new Error(`no digest was computed for ${keyOf(content)}`)
    return { digest, ...content }
  }
}

const keyOf = ({ seed, sizeBytes }: Content): string => `${seed}/${sizeBytes}`

const readKnown = async (file: string): Promise<[string, string][]> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as [string, string][]
  } catch {
    // Absent, or broken: it is computed again.
    return []
  }
}

const replace = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.${process.pid}`, text)
  await rename(`${file}.${process.pid}`, file)
}
