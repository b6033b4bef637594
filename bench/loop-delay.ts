// Loaded before a program (`node --import`), into its main thread and each of its workers: four
// times a second appends how long the event loop was held up meanwhile, a line of JSON, to a file
// for each thread in the folder that this module's URL names (`?folder=`). Reads nothing of the
// program, and doesn't keep it alive.

import { appendFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { threadId } from 'node:worker_threads'
import { type LoopDelay, resolutionMs } from './loop-delays.ts'

const reportEveryMs = 250

const folder = new URL(import.meta.url).searchParams.get('folder')
if (folder === null) throw new Error(`${import.meta.url} names no folder`)
const file = join(folder, `thread-${threadId}.jsonl`)
const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
let from = Date.now()
let writing: Promise<void> = Promise.resolve()

const takeLine = (): string => {
  const to = Date.now()
  const delay: LoopDelay = {
    from,
    to,
    maxMs: histogram.max / 1e6,
    p99Ms: histogram.percentile(99) / 1e6,
  }
  histogram.reset()
  from = to
  return `${JSON.stringify(delay)}\n`
}

histogram.enable()
// Not synchronously: a disk that stalls would itself hold up the loop.
setInterval(() => {
  const line = takeLine()
  writing = writing.then(() => appendFile(file, line))
}, reportEveryMs).unref()
process.once('exit', () => appendFileSync(file, takeLine()))
