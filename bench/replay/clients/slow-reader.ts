import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { manifestMediaType } from '../content/shelf.ts'
import { open } from './ask.ts'
import type { SlowReader } from './plan.ts'
import type { SlowReaderReport } from './report.ts'

/**
 * Reads one layer at a trickle until `othersDone` is aborted, and then the rest as fast as it comes.
 * Resolves once the first bytes have come; `report` resolves at the end.
 */
export const startSlowReader = async (
  serverUrl: string,
  { name, tag, bytesPerSecond }: SlowReader,
  othersDone: AbortSignal,
): Promise<{ readonly report: Promise<SlowReaderReport> }> => {
  const named = await fetch(`${serverUrl}/v2/${name}/manifests/${tag}`, {
    headers: { accept: manifestMediaType },
  })
  const { layers } = (await named.json()) as { layers: { digest: string; size: number }[] }
  const [{ digest, size } = { digest: '', size: 0 }] = layers
  const incoming = await open(`${serverUrl}/v2/${name}/blobs/${digest}`)
  const read = async (): Promise<SlowReaderReport> => {
    const hash = createHash('sha256')
    let bytes = 0
    let readBytes: number | undefined
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
      if (!othersDone.aborted) {
        const pauseMs = (chunk.length / bytesPerSecond) * 1000
        await sleep(pauseMs, undefined, { signal: othersDone }).catch(() => undefined)
      }
      if (othersDone.aborted) readBytes ??= bytes
    }
    const isRight = `sha256:${hash.digest('hex')}` === digest
    return { sizeBytes: size, readBytes: readBytes ?? bytes, isRight }
  }
  return { report: read() }
}
