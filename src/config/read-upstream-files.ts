import { resolve } from 'node:path'
import { holdsCertificate, readCertificates } from './certificates.ts'
import { type ConfigProblem, formatPath } from './config-error.ts'
import { isFileName, isMapping, type NamedFiles } from './named-files.ts'
import { type FileOutcome, readPlainFile } from './plain-file.ts'

interface NamedFile {
  readonly path: readonly string[]
  readonly file: string
  readonly kind: FileKind
}

interface FileKind {
  readonly wanted: string
  readonly maxBytes: number
  readonly accept: (content: string) => FileOutcome
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
export async function readUpstreamFiles(data: unknown, folder: string): Promise<NamedFiles> {
  const texts = new Map<string, string>()
  const problems: ConfigProblem[] = []
  const named = findNamedFiles(data, folder)
  for (const { path, file, kind } of named) {
    const content = await readPlainFile(file, kind.maxBytes)
    const outcome = 'text' in content ? kind.accept(content.text) : content
    if ('text' in outcome) texts.set(file, outcome.text)
    else problems.push({ path: formatPath(path), found: outcome.found, wanted: kind.wanted })
  }
  return { texts, files: named.map(({ file }) => file), problems }
}

function findNamedFiles(data: unknown, folder: string): NamedFile[] {
  return entriesOf(isMapping(data) ? data.upstreams : undefined).flatMap(([name, upstream]) => {
    if (!isMapping(upstream)) return []
    return Object.entries(kinds).flatMap(([key, kind]) => {
      const file = upstream[key]
      if (!isFileName(file)) return []
      return { path: ['upstreams', name, key], file: resolve(folder, file), kind }
    })
  })
}

function entriesOf(value: unknown): [string, unknown][] {
  return isMapping(value) ? Object.entries(value) : []
}

function acceptPassword(content: string): FileOutcome {
  const text = content.replace(/[\r\n]+$/, '')
  return text === '' ? { found: 'an empty file' } : { text }
}

function acceptCertificates(text: string): FileOutcome {
  if (!holdsCertificate(text)) return { found: 'a file without a certificate' }
  return readCertificates(text) ? { text } : { found: 'a certificate that cannot be read' }
}
