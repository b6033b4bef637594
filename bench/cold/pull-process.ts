// A process of its own that pulls one blob with many clients at once and says when it arrived. The
// bytes of all clients are read to one buffer and compared there: nothing is allocated for them.

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PullOrder, PullReport } from './pull-order.ts'
import { RawPull } from './raw-pull.ts'

const scratchBytes = 256 * 1024

const pullAll = async ({ url, clients, file, patienceMs }: PullOrder): Promise<PullReport> => {
  const expected = await readFile(file)
  const scratch = Buffer.allocUnsafeSlow(scratchBytes)
  const allDone = Promise.withResolvers<void>()
  let left = clients
  const onEnd = () => {
    left--
    if (left === 0) allDone.resolve()
  }
  const settings = { url: new URL(url), expected, scratch, onEnd }
  const pulls = Array.from({ length: clients }, () => new RawPull(settings))
  await Promise.all(pulls.map((pull) => pull.connected()))
  const sentMs = performance.now()
  for (const pull of pulls) pull.send()
  await Promise.race([allDone.promise, sleep(patienceMs, undefined, { ref: false })])
  const report = summarize(pulls, sentMs)
  for (const pull of pulls) pull.destroy()
  return report
}

const summarize = (pulls: readonly RawPull[], sentMs: number): PullReport => {
  const latest = (times: readonly (number | undefined)[]): number | null =>
    times.includes(undefined) ? null : Math.max(...times.map(Number)) - sentMs
  const faults = pulls.map(({ fault }) => fault).filter((fault) => fault !== undefined)
  return {
    doneClients: pulls.filter(({ lastByteMs }) => lastByteMs !== undefined).length,
    bytes: pulls.reduce((sum, { position }) => sum + position, 0),
    firstByteMs: latest(pulls.map((pull) => pull.firstByteMs)),
    lastByteMs: latest(pulls.map((pull) => pull.lastByteMs)),
    faults: [...new Set(faults)],
  }
}

process.stdout.write(JSON.stringify(await pullAll(JSON.parse(process.argv[2] ?? ''))))
process.exit(0)
