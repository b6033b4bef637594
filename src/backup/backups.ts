import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { unlessMissing } from '../store/file/unless-missing.ts'
import type { AnyBackups, BackupsState, EndedBackup } from './any-backups.ts'
import { BackupRun } from './backup-run.ts'
import { isBackupName, isTakenByOther, listBackups, mostBackups } from './kept-backups.ts'

type Settings = {
  /** The data folder. */
  readonly data: string
  /** Where they go; undefined where mirrors.yaml names none. */
  readonly folder: string | undefined
  readonly now: () => number
  readonly onEnded: (backup: EndedBackup) => void
}

/**
 * Backups that are asked for over the network: each in a folder of its own in the one that mirrors.yaml names, and
 * nowhere else; one at a time.
 */
export class Backups implements AnyBackups {
  readonly #settings: Settings
  #folder: string | undefined
  #running: BackupRun | undefined
  #last: EndedBackup | undefined
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#folder = settings.folder
  }

  /** Takes up a changed configuration. */
  configure({ backups }: { readonly backups: string | undefined }): void {
    this.#folder = backups
  }

  async describe(): Promise<BackupsState> {
    const folder = this.#folder
    const about = { folder, running: this.#running?.describe(), last: this.#last }
    if (folder === undefined) return { ...about, backups: [], fault: undefined }
    try {
      return { ...about, backups: await listBackups(folder), fault: undefined }
    } catch (error) {
      return { ...about, backups: [], fault: (error as Error).message }
    }
  }

  async start(name: string): Promise<void> {
    const folder = this.#folder
    if (folder === undefined) {
      const what =
        'mirrors.yaml names no folder for backups: set backups: to one, or run "entrepot backup DIR"'
      throw new RegistryError('UNSUPPORTED', what, { status: 409 })
    }
    await refuseName(folder, name)
    if (this.#running || this.#isClosed) {
      const what = 'a backup is under way: watch it, or stop it first'
      throw new RegistryError('UNSUPPORTED', what, { status: 409 })
    }
    const { data, now } = this.#settings
    const run = new BackupRun({ name, data, to: join(folder, name), now })
    this.#running = run
    void run.ended.then((ended) => this.#note(ended))
  }

  async stop(): Promise<boolean> {
    const running = this.#running
    await running?.stop()
    return running !== undefined
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.stop()
  }

  #note(ended: EndedBackup): void {
    this.#running = undefined
    this.#last = ended
    this.#settings.onEnded(ended)
  }
}

async function refuseName(folder: string, name: string): Promise<void> {
  if (!isBackupName(name)) {
    const what = `${quote(name)} can't be a backup's name: wanted 1 to 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first`
    throw new RegistryError('NAME_INVALID', what)
  }
  // What isn't mounted isn't to be made on the disk beneath.
  if (!(await unlessMissing(stat(folder)))?.isDirectory()) {
    const what =
      'the folder that backups: in mirrors.yaml names is none: make it, or mount its disk'
    throw new RegistryError('UNSUPPORTED', what, { status: 409 })
  }
  if (await isTakenByOther(folder, name)) {
    const what = `${name} is there already, and is no folder: choose another name`
    throw new RegistryError('NAME_INVALID', what)
  }
  const names = (await listBackups(folder)).map((backup) => backup.name)
  if (names.length < mostBackups || names.includes(name)) return
  const what = `there are ${mostBackups} backups: delete some in their folder, or renew one of them`
  throw new RegistryError('UNSUPPORTED', what, { status: 409 })
}
