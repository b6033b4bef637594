/** The audit as text beside the database: for a log collector, and for when the database is lost. */
export interface AuditLines {
  /** Adds whole lines, to the file of that month; rejects if not all of them are in it, and then none is. */
  append(lines: string, at: number): Promise<void>
}
