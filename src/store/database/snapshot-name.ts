/** A copy of the database under `snapshots/`, as its file's name tells. */
export type SnapshotName = {
  readonly file: string
  /** The number of the last migration that had run. */
  readonly version: number
  /** Milliseconds since 1970, in whole seconds. */
  readonly takenAt: number
}

const pattern = /^entrepot-(\d{4})-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.db$/

/** `entrepot-0004-2026-11-22T03-00-00Z.db`: colons are refused by some file systems. */
export function formatSnapshotName(version: number, takenAt: number): string {
  const time = new Date(takenAt).toISOString().slice(0, 19).replaceAll(':', '-')
  return `entrepot-${String(version).padStart(4, '0')}-${time}Z.db`
}

/** Undefined for any other file. */
export function parseSnapshotName(file: string): SnapshotName | undefined {
  const [, version, day, hours, minutes, seconds] = pattern.exec(file) ?? []
  const takenAt = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`)
  return Number.isNaN(takenAt) ? undefined : { file, version: Number(version), takenAt }
}

/** The newest first. What was taken in the future was taken before somebody set the clock back. */
export function sortSnapshots(
  snapshots: readonly SnapshotName[],
  now: number,
): readonly SnapshotName[] {
  const isPast = ({ takenAt }: SnapshotName) => Number(takenAt <= now)
  return snapshots.toSorted(
    (one, other) => isPast(other) - isPast(one) || other.takenAt - one.takenAt,
  )
}
