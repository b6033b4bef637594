import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditLines } from '../audit-lines.ts'
import { unlessMissing } from './unless-missing.ts'

/** 2 GiB together, some eight million lines; in 24 months, eleven thousand a day. */
const mostBytes = 64 * 1024 * 1024
const mostFiles = 32
const keptMonths = 24

const namePattern = /^(\d{4})-(\d{2})(?:-(\d{1,4}))?\.jsonl$/
const lineEnd = 0x0a

type Settings = { readonly mostBytes?: number; readonly mostFiles?: number }

type Month = { readonly year: number; readonly month: number }
type Part = Month & { readonly name: string; readonly part: number }

/** `audit/2026-11.jsonl`, then `audit/2026-11-2.jsonl`: only their owner may read them, and nothing is rewritten. */
export class AuditFiles implements AuditLines {
  readonly #folder: string
  readonly #mostBytes: number
  readonly #mostFiles: number
  /** That was written last. */
  #current: Part | undefined

  constructor(dataFolder: string, settings: Settings = {}) {
    this.#folder = join(dataFolder, 'audit')
    this.#mostBytes = settings.mostBytes ?? mostBytes
    this.#mostFiles = settings.mostFiles ?? mostFiles
  }

  async append(lines: string, at: number): Promise<void> {
    const bytes = Buffer.from(lines)
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const part = await this.#findPart(toMonth(at), bytes.length)
    const handle = await open(join(this.#folder, part.name), 'a+', 0o600)
    try {
      await appendWhole(handle, bytes)
    } finally {
      await handle.close()
    }
    this.#current = part
  }

  /** Where so many bytes fit: the last of the month, or one more. */
  async #findPart(month: Month, sizeBytes: number): Promise<Part> {
    const isCurrent = this.#current && orderOf(this.#current) === orderOf(month)
    let part = isCurrent ? this.#current : await this.#findLast(month)
    while (part === undefined || (await this.#sizeOf(part)) + sizeBytes > this.#mostBytes) {
      part = toPart(month, (part?.part ?? 0) + 1)
      await this.#removeOld(month)
      if ((await this.#sizeOf(part)) === 0) break
    }
    return part
  }

  async #findLast(month: Month): Promise<Part | undefined> {
    return (await this.#list()).findLast((part) => orderOf(part) === orderOf(month))
  }

  async #sizeOf({ name }: Part): Promise<number> {
    return (await unlessMissing(stat(join(this.#folder, name))))?.size ?? 0
  }

  /** Leaves room for one more. */
  async #removeOld(month: Month): Promise<void> {
    const parts = await this.#list()
    const surplus = parts.length - this.#mostFiles + 1
    const isOld = (part: Part) => orderOf(part) < orderOf(month) - keptMonths
    const old = parts.filter((part, index) => index < surplus || isOld(part))
    for (const { name } of old) await rm(join(this.#folder, name), { force: true })
  }

  /** The oldest first; what else lies there isn't ours. */
  async #list(): Promise<readonly Part[]> {
    const names = await readdir(this.#folder)
    const parts = names.map(readName).filter((part) => part !== undefined)
    return parts.sort((one, other) => orderOf(one) - orderOf(other) || one.part - other.part)
  }
}

function toMonth(at: number): Month {
  const date = new Date(at)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 }
}

function readName(name: string): Part | undefined {
  const match = namePattern.exec(name)
  if (!match) return undefined
  return { name, year: Number(match[1]), month: Number(match[2]), part: Number(match[3] ?? 1) }
}

function toPart({ year, month }: Month, part: number): Part {
  const name = `${year}-${String(month).padStart(2, '0')}${part === 1 ? '' : `-${part}`}.jsonl`
  return { name, year, month, part }
}

function orderOf({ year, month }: Month): number {
  return year * 12 + month
}

async function appendWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  const { size } = await handle.stat()
  // A process that was killed, or lost its power, may have left half a line.
  const whole = (await endsInLine(handle, size)) ? Buffer.concat([Buffer.from('\n'), bytes]) : bytes
  let written = 0
  try {
    while (written < whole.length) {
      written += (await handle.write(whole, written)).bytesWritten
    }
  } catch (error) {
    // It is tried again as a whole. A command may have written behind it meanwhile: then it stays.
    if (written > 0 && (await handle.stat()).size === size + written) await handle.truncate(size)
    throw error
  }
}

async function endsInLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== lineEnd
}
