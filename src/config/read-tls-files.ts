import { resolve } from 'node:path'
import { holdsPem } from './certificates.ts'
import { type ConfigProblem, formatPath } from './config-error.ts'
import { isFileName, isMapping, type NamedFiles } from './named-files.ts'
import { readPlainFile } from './plain-file.ts'
import {
  findFileFault,
  findPairFault,
  type TlsFile,
  tlsFileKeys,
  wantedInFile,
} from './tls-faults.ts'

const maxBytes = 1024 * 1024

/**
 * Reads the files of `tls`. It goes by the unchecked data, as for upstreams. What is accepted here is
 * something that a server can work with.
 */
export async function readTlsFiles(data: unknown, folder: string): Promise<NamedFiles> {
  const tls = isMapping(data) && isMapping(data.tls) ? data.tls : {}
  const named = tlsFileKeys.flatMap((key) => {
    const file = tls[key]
    return isFileName(file) && !holdsPem(file) ? [{ key, file: resolve(folder, file) }] : []
  })
  const outcomes = await Promise.all(named.map(readTlsFile))
  const read = outcomes.filter((outcome) => 'text' in outcome)
  const problems = outcomes.filter((outcome) => 'found' in outcome)
  const [cert, key] = [read.find(isOf('cert')), read.find(isOf('key'))]
  const fault = cert && key && findPairFault(cert, key)
  return {
    texts: new Map(read.map(({ file, text }) => [file, text])),
    files: named.map(({ file }) => file),
    problems: fault ? [...problems, toProblem(fault.key, fault)] : problems,
  }
}

function isOf(key: TlsFile['key']): (file: TlsFile) => boolean {
  return (file) => file.key === key
}

async function readTlsFile({ key, file }: Omit<TlsFile, 'text'>): Promise<TlsFile | ConfigProblem> {
  const content = await readPlainFile(file, maxBytes)
  if ('found' in content) return toProblem(key, { ...content, wanted: wantedInFile[key] })
  const read = { key, file, text: content.text }
  const fault = findFileFault(read)
  return fault ? toProblem(key, fault) : read
}

function toProblem(
  key: TlsFile['key'],
  { found, wanted }: Omit<ConfigProblem, 'path'>,
): ConfigProblem {
  return { path: formatPath(['tls', key]), found, wanted }
}
