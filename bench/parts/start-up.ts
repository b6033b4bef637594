// From spawning a server to its first 200, at /readyz (Entrepot), /v2/ (docker-registry) or a
// manifest (nginx): with nothing kept, with the image kept, and with a million blobs known. What an
// earlier start left in its folder or in the machine's caches helps all but the first case.

import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { millionBlobs } from '../million-blobs.ts'
import { readProcessorSeconds } from '../processor-time.ts'
import { plain } from '../variants.ts'
import type { Metric, Part, Sample, SiteTarget } from './part.ts'

const belowMs = 500

const formatMs = (value: number): string => value.toFixed(0)

const metrics: readonly [Metric, ...Metric[]] = [
  { key: 'readyMs', title: 'ms to ready', format: formatMs, below: belowMs },
  // Hardly changed by what else the machine does.
  { key: 'processorMs', title: 'CPU ms to ready', format: formatMs },
]

const measureStart = async ({ kind, site }: SiteTarget): Promise<Sample> => {
  await using server = await kind.start(site)
  const processorSeconds = await readProcessorSeconds(server.process.id)
  const { readyAfterMs: readyMs } = server.process
  // Less than the kernel counts is 0.
  return processorSeconds ? { readyMs, processorMs: processorSeconds * 1000 } : { readyMs }
}

const measureFirstStart = async (target: SiteTarget): Promise<Sample> => {
  const directory = await mkdtemp(join(target.site.directory, 'empty-'))
  try {
    return await measureStart({ ...target, site: { ...target.site, directory } })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

export const startUp: Part = {
  name: 'start-up',
  cases: [
    {
      name: 'start-up with an empty data folder',
      variant: plain,
      metrics,
      measureStarting: measureFirstStart,
    },
    {
      name: 'start-up with the image kept',
      variant: plain,
      metrics,
      measureStarting: measureStart,
    },
    {
      name: 'start-up with a million blobs known',
      variant: millionBlobs,
      servers: ['entrepot'],
      metrics,
      measureStarting: measureStart,
    },
  ],
}
