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
const progressEveryMs = 2000

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
    const over = new AbortController()
    const ending = AbortSignal.any([signal, over.signal])
    const running = giveCommand<ClientsReport>(this.#url, 'run', { value: planFile, signal })
    const besides = Promise.all([this.#showProgress(title, ending), happen(incidents, ending)])
    try {
      // An incident that fails makes the replay worthless: its error comes first.
      const [report] = await Promise.all([running, Promise.race([besides, running])])
      return report
    } finally {
      over.abort()
      await besides.catch(() => undefined)
    }
  }

  async #showProgress(title: string, signal: AbortSignal): Promise<void> {
    while (await waited(progressEveryMs, signal)) {
      const { donePulls, allPulls, bytes } = await giveCommand<ClientsProgress>(
        this.#url,
        'progress',
        { signal },
      )
      const megabytes = (bytes / 1e6).toFixed(0)
      this.#options.report(`${title}: ${donePulls} of ${allPulls} pulls, ${megabytes} MB`)
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

/** False if the wait was broken off. */
const waited = (durationMs: number, signal: AbortSignal): Promise<boolean> =>
  sleep(Math.max(0, durationMs), true, { signal }).catch(() => false)
