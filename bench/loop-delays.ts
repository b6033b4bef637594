import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

/** Of every watch, also of the one in the module that is loaded. */
export const resolutionMs = 1

const moduleFile = join(import.meta.dirname, 'loop-delay.ts')

/** What one thread's event loop did between two moments, in milliseconds since 1970. */
export interface LoopDelay {
  readonly from: number
  readonly to: number
  readonly maxMs: number
  readonly p99Ms: number
}

/** What to `--import` for lines to appear in this folder. */
export const loopDelayModule = (folder: string): string => {
  const url = pathToFileURL(moduleFile)
  url.searchParams.set('folder', folder)
  return url.href
}

/** All lines of all threads that tell of any moment between these two. Throws if there are none. */
export const readLoopDelays = async (
  folder: string,
  from: number,
  to: number,
): Promise<LoopDelay[]> => {
  const files = await readdir(folder)
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  const delays = texts
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as LoopDelay)
    .filter((delay) => delay.to >= from && delay.from <= to)
  if (delays.length === 0) throw new Error(`${folder} tells nothing of the event loop`)
  return delays
}

export interface OwnLoopWatch extends Disposable {
  /** How long this process's loop was held up at the most since the watch began. */
  readonly readMaxMs: () => number
}

export const watchOwnLoop = (): OwnLoopWatch => {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  return {
    readMaxMs: () => histogram.max / 1e6,
    [Symbol.dispose]: () => {
      histogram.disable()
    },
  }
}
