import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../free-port.ts'
import { type ProcessGroup, startProcessGroup } from '../../process-group.ts'
import { readProcessorSeconds } from '../../processor-time.ts'
import type { Report } from '../../progress.ts'
import type { Plan } from '../clients/plan.ts'
import type { ClientsProgress, ClientsReport } from '../clients/report.ts'
import { controlPath, giveCommand } from '../control.ts'

const mainFile = join(import.meta.dirname, '../clients/main.ts')
const pollMs = 200
const reportEveryMs = 2000

/** What happens elsewhere while the clients pull. */
export interface Incident {
  readonly atMs: number
  readonly happen: () => Promise<void>
}

export interface ClientsOptions {
  readonly directory: string
  readonly signal: AbortSignal
  readonly report: Report
}

/** All the clients of a scenario, in one process. */
export class ClientsProcess implements AsyncDisposable {
  readonly #options: ClientsOptions
  readonly #url: string
  readonly #group: ProcessGroup

  private constructor(options: ClientsOptions, url: string, group: ProcessGroup) {
    this.#options = options
    this.#url = url
    this.#group = group
  }

  static async start(options: ClientsOptions): Promise<ClientsProcess> {
    const { directory, signal } = options
    const port = await findFreePort()
    const url = `http://127.0.0.1:${port}`
    const command = {
      name: 'the clients',
      program: process.execPath,
      args: [mainFile, String(port)],
      logFile: join(directory, 'clients.log'),
    }
    const group = await startProcessGroup(command, `${url}${controlPath}ping`, signal)
    return new ClientsProcess(options, url, group)
  }

  /** Plays a plan, called `title` in the progress; incidents are sorted by time. */
  async run(
    title: string,
    plan: Plan,
    incidents: readonly Incident[] = [],
  ): Promise<ClientsReport> {
    const { directory, signal } = this.#options
    const planFile = join(directory, 'plan.json')
    await writeFile(planFile, JSON.stringify(plan))
    await giveCommand(this.#url, 'start', { value: planFile, signal })
    const over = new AbortController()
    const happening = happen(incidents, AbortSignal.any([signal, over.signal]))
    try {
      // An incident that fails makes the replay worthless: its error comes first.
      await Promise.race([this.#watch(title), failed(happening)])
      return await giveCommand<ClientsReport>(this.#url, 'report', { signal })
    } finally {
      over.abort()
      await happening.catch(() => undefined)
    }
  }

  /** Resolves once the plan is played. A request for all that time could be given up as too slow. */
  async #watch(title: string): Promise<void> {
    const { signal, report } = this.#options
    let reportedAt = performance.now()
    for (;;) {
      await sleep(pollMs, undefined, { signal })
      const progress = await giveCommand<ClientsProgress>(this.#url, 'progress', { signal })
      if (progress.isOver) return
      if (performance.now() - reportedAt < reportEveryMs) continue
      reportedAt = performance.now()
      const { donePulls, allPulls, bytes } = progress
      report(`${title}: ${donePulls} of ${allPulls} pulls, ${(bytes / 1e6).toFixed(0)} MB`)
    }
  }

  readProcessorSeconds(): Promise<number | undefined> {
    return readProcessorSeconds(this.#group.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#group[Symbol.asyncDispose]()
  }
}

const happen = async (incidents: readonly Incident[], signal: AbortSignal): Promise<void> => {
  const startedAt = performance.now()
  for (const incident of incidents) {
    if (!(await waited(startedAt + incident.atMs - performance.now(), signal))) return
    await incident.happen()
  }
}

/** Never resolves; rejects if the work fails. */
const failed = async (work: Promise<unknown>): Promise<never> => {
  await work
  return new Promise<never>(() => undefined)
}

/** False if the wait was broken off. */
const waited = (durationMs: number, signal: AbortSignal): Promise<boolean> =>
  sleep(Math.max(0, durationMs), true, { signal }).catch(() => false)
