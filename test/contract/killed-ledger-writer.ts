import { writeSync } from 'node:fs'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { start } from './ledger-rows.ts'

// A process of its own for a test to kill: adds batch after batch, each of as many pulls as its id says and of
// several images, and says the id of each that was added.
const [file = ''] = process.argv.slice(2)
const store = await openMetadataStore(openSqlite(file))
const images = Array.from({ length: 150 }, (_, image) => `app-${image}`)
for (let id = (await store.findLastBatch()) + 1; ; id++) {
  const named = { client: 'ci', user: '', upstream: 'docker.io', tag: '1' }
  const rows = images.map((repository) => {
    return { at: start, ...named, repository, outcome: 'hit', counters: { pulls: id } } as const
  })
  await store.addTraffic({ id, rows })
  writeSync(1, `${id}\n`)
}
