import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from './client.ts'
import type { Plan, PlannedPull } from './plan.ts'
import { Recorder } from './recorder.ts'
import type { ClientsProgress, ClientsReport } from './report.ts'
import { startSlowReader } from './slow-reader.ts'

/** Plays one plan from the moment it is made, and says how far it is. */
export class PlanRun {
  readonly report: Promise<ClientsReport>
  readonly #plan: Plan
  readonly #clients = new Map<number, Client>()
  readonly #served: Set<string>
  readonly #phases = [new Recorder()]
  #donePulls = 0
  #startedAt = 0
  #isOver = false

  /** What `served` holds has been served before the plan begins. */
  constructor(plan: Plan, served: Set<string>) {
    this.#plan = plan
    this.#served = served
    this.report = this.#run().finally(() => {
      this.#isOver = true
    })
    // Whoever asks for the report hears of a failure.
    this.report.catch(() => undefined)
  }

  get progress(): ClientsProgress {
    const bytes = this.#phases.reduce((sum, recorder) => sum + recorder.bytes, 0)
    return {
      donePulls: this.#donePulls,
      allPulls: this.#plan.pulls.length,
      bytes,
      isOver: this.#isOver,
    }
  }

  async #run(): Promise<ClientsReport> {
    const { serverUrl, slowReaders, order } = this.#plan
    const othersDone = new AbortController()
    const slow = await Promise.all(
      slowReaders.map((reader) => startSlowReader(serverUrl, reader, othersDone.signal)),
    )
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    this.#startedAt = performance.now()
    await (order === 'timed' ? this.#runTimed() : this.#runSerial())
    const elapsedMs = performance.now() - this.#startedAt
    delay.disable()
    othersDone.abort()
    const slowReports = await Promise.all(slow.map(({ report }) => report))
    for (const client of this.#clients.values()) client.close()
    return {
      elapsedMs,
      phases: this.#phases.map((recorder) => recorder.report()),
      slowReaders: slowReports,
      ownDelayP99Ms: delay.percentile(99) / 1e6,
      ownDelayMaxMs: delay.max / 1e6,
    }
  }

  async #runTimed(): Promise<void> {
    const running: Promise<void>[] = []
    for (const pull of this.#plan.pulls) {
      const leftMs = this.#startedAt + pull.atMs - performance.now()
      if (leftMs > 0) await sleep(leftMs)
      running.push(this.#pull(pull))
    }
    await Promise.all(running)
  }

  async #runSerial(): Promise<void> {
    const byClient = Map.groupBy(this.#plan.pulls, ({ client }) => client)
    const work = async (pulls: readonly PlannedPull[]) => {
      for (const pull of pulls) await this.#pull(pull)
    }
    await Promise.all([...byClient.values()].map(work))
  }

  async #pull(pull: PlannedPull): Promise<void> {
    await this.#clientOf(pull).pull(pull, this.#currentPhase())
    this.#donePulls++
  }

  #currentPhase(): Recorder {
    const { secondPhaseAtMs = Number.POSITIVE_INFINITY } = this.#plan
    const isSecond = performance.now() - this.#startedAt >= secondPhaseAtMs
    if (isSecond && this.#phases.length === 1) this.#phases.push(new Recorder())
    return this.#phases.at(-1) as Recorder
  }

  #clientOf({ client: number }: PlannedPull): Client {
    const { serverUrl, connectionsPerClient, pingsPerPull } = this.#plan
    const known = this.#clients.get(number)
    if (known !== undefined) return known
    const settings = { serverUrl, pingsPerPull, connections: connectionsPerClient }
    const client = new Client(number, { ...settings, served: this.#served })
    this.#clients.set(number, client)
    return client
  }
}
