import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ConfigProblem, formatPath } from './config-error.ts'

/** The files that upstreams name, read. */
export interface UpstreamFiles {
  /** By absolute path, those that could be read and hold what they should. */
  readonly texts: ReadonlyMap<string, string>
  /** Every file named, also those that could not be read. */
  readonly files: readonly string[]
  readonly problems: readonly ConfigProblem[]
}

interface NamedFile {
  readonly path: readonly string[]
  readonly file: string
  readonly kind: FileKind
}

type Outcome = { readonly text: string } | { readonly found: string }

interface FileKind {
  readonly wanted: string
  readonly maxBytes: number
  readonly accept: (content: string) => Outcome
}

const kinds: Readonly<Record<string, FileKind>> = {
  passwordFile: {
    wanted: 'a file that holds the password',
    maxBytes: 64 * 1024,
    accept: acceptPassword,
  },
  ca: {
    wanted: 'a PEM file that holds a certificate',
    maxBytes: 1024 * 1024,
    accept: acceptCertificates,
  },
}

/**
 * Reads password and CA files. It goes by the unchecked data, so that a file that is missing is
 * reported together with whatever else is wrong.
 */
export async function readUpstreamFiles(data: unknown, folder: string): Promise<UpstreamFiles> {
  const texts = new Map<string, string>()
  const problems: ConfigProblem[] = []
  const named = findNamedFiles(data, folder)
  for (const { path, file, kind } of named) {
    const outcome = await readFileOfKind(file, kind)
    if ('text' in outcome) texts.set(file, outcome.text)
    else problems.push({ path: formatPath(path), found: outcome.found, wanted: kind.wanted })
  }
  return { texts, files: named.map(({ file }) => file), problems }
}

/** What reading a file failed with, in words. */
export function describeReadFailure(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return `no file at ${file}`
  if (code === 'EACCES' || code === 'EPERM') return `${file}, which this user may not read`
  if (code === 'EISDIR') return `a folder at ${file}`
  return `${file}, which cannot be read (${String(code ?? error)})`
}

function findNamedFiles(data: unknown, folder: string): NamedFile[] {
  return entriesOf(isMapping(data) ? data.upstreams : undefined).flatMap(([name, upstream]) => {
    if (!isMapping(upstream)) return []
    return Object.entries(kinds).flatMap(([key, kind]) => {
      const file = upstream[key]
      if (typeof file !== 'string' || file === '' || file === 'none') return []
      return { path: ['upstreams', name, key], file: resolve(folder, file), kind }
    })
  })
}

function entriesOf(value: unknown): [string, unknown][] {
  return isMapping(value) ? Object.entries(value) : []
}

function isMapping(
  value: unknown,
): value is Readonly<Record<string, unknown> & { upstreams?: unknown }> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Asked first, since reading a named pipe would wait for ever and a device would never end.
async function readFileOfKind(file: string, { maxBytes, accept }: FileKind): Promise<Outcome> {
  try {
    const status = await stat(file)
    if (status.isDirectory()) return { found: `a folder at ${file}` }
    if (!status.isFile()) return { found: `${file}, which is no plain file` }
    if (status.size > maxBytes) return { found: `${file}, which has ${status.size} bytes` }
    return accept(await readFile(file, 'utf8'))
  } catch (error) {
    return { found: describeReadFailure(error, file) }
  }
}

function acceptPassword(content: string): Outcome {
  const text = content.replace(/[\r\n]+$/, '')
  return text === '' ? { found: 'an empty file' } : { text }
}

function acceptCertificates(text: string): Outcome {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)
  if (!blocks) return { found: 'a file without a certificate' }
  return blocks.every(isCertificate) ? { text } : { found: 'a certificate that cannot be read' }
}

function isCertificate(block: string): boolean {
  try {
    new X509Certificate(block)
    return true
  } catch {
    return false
  }
}
