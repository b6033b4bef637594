import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  type Htpasswd,
  HtpasswdError,
  maxBytes,
  parseHtpasswd,
  withoutUser,
  withUser,
} from './htpasswd.ts'
import { passwordFileIn } from './password-file.ts'

/** Waits until nobody else holds the lock of that file. */
export type TakeLock = (file: string) => Promise<{ release(): void }>

const newMode = 0o600

/** Keeps everybody else from editing the users of the data folder meanwhile. */
export async function whileLocked<T>(
  data: string,
  takeLock: TakeLock,
  act: (editor: PasswordEditor) => Promise<T>,
): Promise<T> {
  const lock = await takeLock(`${passwordFileIn(data)}.lock`)
  try {
    return await act(new PasswordEditor(data))
  } finally {
    lock.release()
  }
}

/** Rewrites the file `htpasswd` of a data folder, whole or not at all; see `whileLocked`. */
export class PasswordEditor {
  readonly #data: string

  constructor(data: string) {
    this.#data = data
  }

  async list(): Promise<Htpasswd> {
    return parseHtpasswd(await this.#read())
  }

  async has(name: string): Promise<boolean> {
    return (await this.list()).users.has(name)
  }

  /** Takes the place of the password that the user had; true where the user is new. */
  async addUser(name: string, hash: string): Promise<boolean> {
    const text = await this.#read()
    const isNew = !parseHtpasswd(text).users.has(name)
    await this.#write(withUser(text, name, hash))
    return isNew
  }

  /** False where there is no such user. */
  async removeUser(name: string): Promise<boolean> {
    const text = await this.#read()
    const rest = withoutUser(text, name)
    if (rest === text) return false
    await this.#write(rest)
    return true
  }

  async #read(): Promise<string> {
    try {
      return await readFile(passwordFileIn(this.#data), 'utf8')
    } catch (error) {
      if (isMissing(error)) return ''
      throw error
    }
  }

  async #write(text: string): Promise<void> {
    const file = await this.#findFile()
    const bytes = Buffer.byteLength(text)
    if (bytes > maxBytes)
      throw new HtpasswdError(`${file} would have ${bytes} bytes: at most ${maxBytes} are read`)
    parseHtpasswd(text)
    const written = `${file}.partial`
    // One that a command was killed over.
    await rm(written, { force: true })
    const handle = await open(written, 'wx', newMode)
    try {
      await giveSameRights(handle, file, this.#data)
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(written, file)
    const folder = await open(dirname(file), 'r')
    await folder.sync().finally(() => folder.close())
  }

  /** Where a link leads: the link stays. */
  async #findFile(): Promise<string> {
    const file = passwordFileIn(this.#data)
    return realpath(file).catch((error) => {
      if (isMissing(error)) return file
      throw error
    })
  }
}

/** Of the file before, or of the data folder: root edits it, and a server that isn't root has to read it. */
async function giveSameRights(handle: FileHandle, file: string, data: string): Promise<void> {
  const before = await stat(file).catch((error) => {
    if (isMissing(error)) return undefined
    throw error
  })
  const { uid, gid } = before ?? (await stat(data))
  const own = await handle.stat()
  if (own.uid !== uid || (own.gid !== gid && before)) await handle.chown(uid, gid)
  await handle.chmod(before ? before.mode & 0o777 : newMode)
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
