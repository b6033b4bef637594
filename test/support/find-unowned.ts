import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { Collector } from '../../src/space/collector.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { listBlobs } from './lab/kept-blobs.ts'

const twoDaysMs = 2 * 86_400_000

/**
 * What a data folder that no server uses holds and nobody owns, once two days have passed and the
 * collector has run; in sentences.
 */
export const findUnowned = async (data: string): Promise<readonly string[]> => {
  const uploads = join(data, 'uploads')
  const longAgo = new Date(Date.now() - twoDaysMs)
  for (const name of await readdir(uploads)) await utimes(join(uploads, name), longAgo, longAgo)
  await collect(data)
  const [files, rows, manifests] = [new Set(await listBlobs(data)), ...listRows(data)]
  return [
    ...(await readdir(uploads)).map((name) => `the upload ${name}`),
    ...[...files].filter((digest) => !rows.has(digest)).map((digest) => `the file of ${digest}`),
    ...[...rows].filter((digest) => !files.has(digest)).map((digest) => `the row of ${digest}`),
    ...[...manifests].filter((digest) => !rows.has(digest)).map((it) => `what manifest ${it} says`),
  ]
}

const collect = async (data: string): Promise<void> => {
  const onError = (error: unknown) => {
    throw error
  }
  const stores = await openStores(data, { onError, onFault: onError, onRecovered: () => {} })
  const now = () => Date.now() + twoDaysMs
  const collector = new Collector({ stores, now, isQuiet: () => true, onGone: () => {} })
  try {
    await collector.collect()
    const { unowned } = await stores.unowned.listUnowned({ limit: 100_000 })
    if (unowned.length > 0) throw new Error(`left though nobody owns it: ${unowned}`)
  } finally {
    await collector.close()
    await stores.close()
  }
}

/** The digests of the blobs and of the manifests that the database knows. */
const listRows = (data: string): [blobs: ReadonlySet<string>, manifests: ReadonlySet<string>] => {
  const database = new SqliteDriver(join(data, 'entrepot.db'), { readonly: true })
  try {
    const list = (table: string) =>
      new Set(database.prepare(`select distinct digest from ${table}`).pluck().all() as string[])
    const named = database.prepare('select distinct manifest from manifest_children').pluck().all()
    return [list('blobs'), new Set([...list('manifests'), ...(named as string[])])]
  } finally {
    database.close()
  }
}
