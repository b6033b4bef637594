import { resolve } from 'node:path'
import { formatAuditLine } from '../audit/audit-line.ts'
import { systemClock } from '../clock.ts'
import { loadConfig } from '../config/load-config.ts'
import type { AuditQuery, AuditRecord, AuditRecords } from '../store/audit-records.ts'
import { openStores } from '../store/open-stores.ts'
import { type AuditOptions, readAuditOptions } from './audit-options.ts'
import { requireData } from './require-data.ts'
import { formatTable } from './table.ts'
import { tellingFaults } from './telling-faults.ts'

type Options = AuditOptions & { readonly config: string; readonly json?: true }

const headings = ['TIME', 'WHO', 'FROM', 'WHAT', 'SUBJECT', 'RESULT', 'TIMES', 'DETAIL']
/** A table's columns are as wide as what is in them: it is made of so many at once. */
const recordsAtOnce = 1_000
const tableLimit = 200

/** `entrepot audit`: who did what, or tried to, the newest last; beside a running server too. */
export async function audit({ config: file, json, ...options }: Options): Promise<void> {
  const { query, limit } = readAuditOptions(options, systemClock.now())
  const config = await loadConfig(resolve(file), process.env)
  await requireData(config.data)
  const stores = await openStores(config.data, tellingFaults, { isGuest: true })
  try {
    if (json) await printAll(stores.audit, { query, limit }, formatLines)
    else await printTable(stores.audit, { query, limit: limit ?? tableLimit })
  } finally {
    await stores.close()
  }
}

type Wanted = { readonly query: AuditQuery; readonly limit: number | undefined }

async function printTable(records: AuditRecords, wanted: Wanted): Promise<void> {
  let isBegun = false
  await printAll(records, wanted, (page) => {
    const rows = page.map(toRow)
    const text = formatTable(isBegun ? rows : [headings, ...rows])
    isBegun = true
    return text
  })
  if (!isBegun) process.stdout.write(formatTable([headings]))
}

async function printAll(
  records: AuditRecords,
  { query, limit }: Wanted,
  format: (page: readonly AuditRecord[]) => string,
): Promise<void> {
  const first = limit === undefined ? undefined : await records.findAuditStart(query, limit)
  for (let after = (first ?? 1) - 1; ; ) {
    const page = await records.listAudit(query, { after, limit: recordsAtOnce })
    const last = page.at(-1)
    if (last === undefined) return
    await print(format(page))
    after = last.id
  }
}

function print(text: string): Promise<void> {
  return new Promise((done) => {
    process.stdout.write(text, () => done())
  })
}

function formatLines(page: readonly AuditRecord[]): string {
  return page.map(formatAuditLine).join('')
}

function toRow(record: AuditRecord): readonly string[] {
  const { at, who, from = '-', what, subject, result, times, detail = '' } = record
  return [toLocalTime(at), who, from, what, subject, result, String(times), detail]
}

/** ISO 8601, as the clock on the wall has it. */
function toLocalTime(at: number): string {
  const offsetMs = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - offsetMs).toISOString().slice(0, 19)
}
