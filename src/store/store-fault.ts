const lowSpace = 'LOW_SPACE'

/** What an error's code says about where things are kept; the first that matches counts. */
const wordings: readonly (readonly [RegExp, string])[] = [
  // SQLite can't make its shared memory file larger: in practice for lack of room.
  [/^(ENOSPC|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/, 'the disk is full'],
  [new RegExp(`^${lowSpace}$`), 'less of the disk is free than space.minFree says'],
  [/^EDQUOT$/, 'the disk quota is used up'],
  [/^EFBIG$/, 'a file may not be so large there'],
  [/^(ENOENT|ENOTDIR|ESTALE|SQLITE_READONLY_DBMOVED)$/, 'the data folder is gone'],
  [/^(EROFS$|SQLITE_READONLY)/, 'the data folder is read-only'],
  [/^(EACCES|EPERM|SQLITE_PERM)$/, 'access to the data folder is denied'],
  [/^(EIO$|SQLITE_IOERR)/, 'the disk fails'],
  [/^(SQLITE_CORRUPT|SQLITE_NOTADB)/, 'the database is damaged'],
  [/^SQLITE_BUSY/, 'another process holds the database'],
  [/^(EMFILE|ENFILE)$/, 'too many files are open'],
]

/** What fits once there is more room, or less to keep. */
const lackOfRoom = new RegExp(
  `^(ENOSPC|EDQUOT|EFBIG|SQLITE_FULL|SQLITE_IOERR_SHMSIZE|${lowSpace})$`,
)

/** Something couldn't be kept or read; the message is fit for anyone, `cause` is what happened. */
export class StoreFaultError extends Error {
  override readonly name = 'StoreFaultError'

  constructor(cause: unknown) {
    super(describeFault(cause), { cause })
  }
}

/** In words fit for anyone to read: no path, no query. */
export function describeFault(error: unknown): string {
  if (error instanceof StoreFaultError) return error.message
  const code = findCode(error)
  if (code === undefined) return "the data folder can't be used"
  const wording = wordings.find(([pattern]) => pattern.test(code))?.[1]
  return `${wording ?? "the data folder can't be used"} (${code})`
}

/** There is room, but no more than is to stay free. */
export class LowSpaceError extends Error {
  override readonly name = 'LowSpaceError'
  readonly code = lowSpace

  constructor() {
    super('so little of the disk is free that nothing more is kept')
  }
}

/** Whether it failed for lack of room, on the disk or for its owner. */
export function isLackOfRoom(error: unknown): boolean {
  return lackOfRoom.test(findCode(error) ?? '')
}

function findCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
