import { Worker } from 'node:worker_threads'
import type { EndedBackup, RunningBackup } from './any-backups.ts'
import type { Problem } from './backup-error.ts'
import type { BackupNews, BackupThreadData } from './backup-thread.ts'
import type { BackupProgress, BackupSummary } from './make-backup.ts'

type Settings = BackupThreadData & { readonly name: string; readonly now: () => number }

/** Beside this file, whether it runs as it is written or as it was built. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const entry = new URL(`./backup-thread.${extension}`, import.meta.url)
const mostProblems = 100

/** One backup in a thread of its own, which begins at once. */
export class BackupRun {
  readonly #settings: Settings
  readonly #startedAt: number
  readonly #worker: Worker
  readonly #problems: Problem[] = []
  #problemCount = 0
  #progress: BackupProgress | undefined
  #summary: BackupSummary | undefined
  #why: string | undefined
  #isStopped = false
  /** Never rejects. */
  readonly ended: Promise<EndedBackup>

  constructor(settings: Settings) {
    const { data, to, now } = settings
    this.#settings = settings
    this.#startedAt = now()
    const workerData: BackupThreadData = { data, to }
    this.#worker = new Worker(entry, { workerData, name: 'backup' })
    const { promise, resolve } = Promise.withResolvers<EndedBackup>()
    this.#worker
      .on('message', (news: BackupNews) => this.#take(news))
      .on('error', (error) => {
        this.#why = error instanceof Error ? error.message : String(error)
      })
      .on('exit', () => resolve(this.#end()))
    this.ended = promise
  }

  describe(): RunningBackup {
    const { name } = this.#settings
    const problems = this.#problemCount
    return { name, startedAt: this.#startedAt, progress: this.#progress, problems }
  }

  /** Wherever it is: the backup before is as it was. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#worker.terminate()
    await this.ended
  }

  #take(news: BackupNews): void {
    if (news.kind === 'progress') this.#progress = news.progress
    if (news.kind === 'done') this.#summary = news.summary
    if (news.kind === 'failed') this.#why = news.why
    if (news.kind !== 'problem') return
    this.#problemCount++
    if (this.#problems.length < mostProblems) this.#problems.push(news.problem)
  }

  #end(): EndedBackup {
    const { name, now } = this.#settings
    const times = { name, startedAt: this.#startedAt, endedAt: now() }
    const problems = this.#problems
    const summary = this.#summary
    if (summary) return { ...times, state: 'done', summary, problems, error: undefined }
    const error = this.#isStopped ? undefined : (this.#why ?? 'the thread that makes it has ended')
    const state = this.#isStopped ? 'stopped' : 'failed'
    return { ...times, state, summary, problems, error }
  }
}
