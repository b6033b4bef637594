import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** What is refused is recorded too; see Audit. */
const ofRecords = ['audit', 'sqlite_sequence']

/** All that a server has on its disk but its audit: names of files, and how many rows each table has. */
export interface WhatIsKept {
  readonly uploads: readonly string[]
  readonly partials: readonly string[]
  readonly blobs: readonly string[]
  readonly rows: Readonly<Record<string, number>>
}

/** Of a data folder that a server may be using. */
export const readWhatIsKept = async (data: string): Promise<WhatIsKept> => {
  const list = (folder: string) => readdir(join(data, folder), { recursive: true })
  const [uploads, partials, blobs] = await Promise.all(['uploads', 'partial', 'blobs'].map(list))
  if (!uploads || !partials || !blobs) throw new Error('the data folder is not whole')
  return {
    uploads: uploads.sort(),
    partials: partials.sort(),
    blobs: blobs.sort(),
    rows: countRows(data),
  }
}

const countRows = (data: string): Record<string, number> => {
  const database = new Database(join(data, 'entrepot.db'), { readonly: true })
  try {
    const tables = database
      .prepare<[], { name: string }>("select name from sqlite_schema where type = 'table'")
      .all()
    return Object.fromEntries(
      tables
        .filter(({ name }) => !ofRecords.includes(name))
        .map(({ name }) => {
          const row = database
            .prepare<[], { n: number }>(`select count(*) as n from "${name}"`)
            .get()
          return [name, row?.n ?? 0]
        }),
    )
  } finally {
    database.close()
  }
}
