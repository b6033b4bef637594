// The code of a thread that makes a backup and ends: much of it waits for the database, which would hold up requests.
import { parentPort, workerData } from 'node:worker_threads'
import { isLackOfRoom } from '../store/store-fault.ts'
import { BackupError, type Problem } from './backup-error.ts'
import { type BackupProgress, type BackupSummary, makeBackup } from './make-backup.ts'

export type BackupThreadData = { readonly data: string; readonly to: string }

export type BackupNews =
  | { readonly kind: 'progress'; readonly progress: BackupProgress }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'done'; readonly summary: BackupSummary }
  /** `why` is for whoever asked for it. */
  | { readonly kind: 'failed'; readonly why: string }

/** Of a million blobs each is heard of. */
const tellEveryMs = 200

const { data, to } = workerData as BackupThreadData
let toldAt = Number.NEGATIVE_INFINITY
try {
  const summary = await makeBackup({
    data,
    to,
    now: Date.now,
    onProgress: (progress) => {
      if (performance.now() - toldAt < tellEveryMs) return
      toldAt = performance.now()
      tell({ kind: 'progress', progress })
    },
    onProblem: (problem) => tell({ kind: 'problem', problem }),
  })
  tell({ kind: 'done', summary })
} catch (error) {
  tell({ kind: 'failed', why: describe(error) })
}

function tell(news: BackupNews): void {
  parentPort?.postMessage(news)
}

function describe(error: unknown): string {
  const { message } = error as Error
  if (error instanceof BackupError || !isLackOfRoom(error)) return message
  return `${message}: there is no room for what is written. Free some space and start it again: what is there by now is used`
}
