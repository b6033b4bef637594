import { readFile } from 'node:fs/promises'

export interface LoggedRequest {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly bytes: number
}

/** What a server was asked, read from an access log in the combined format. */
export interface RequestLog {
  readRequests(): Promise<readonly LoggedRequest[]>
  countRequests(method: string, path: RegExp): Promise<number>
  /** How often each blob was asked for with GET, by its digest; refused requests don't count. */
  countBlobFetches(): Promise<Readonly<Record<string, number>>>
}

const combinedLine = /"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) (\d+|-) /

// As a registry names a blob, or as its storage folder does.
const blobPath = /\/blobs\/(sha256)(?::|\/[0-9a-f]{2}\/)([0-9a-f]{64})/

/**
 * A server writes a request down when it has answered it: stop the server first, or wait for the
 * line, where a request could still be under way.
 */
export const openRequestLog = (file: string): RequestLog => {
  const readRequests = async () =>
    (await readFile(file, 'utf8')).split('\n').flatMap((line) => parseLine(line) ?? [])
  return {
    readRequests,
    countRequests: async (method, path) =>
      (await readRequests()).filter((it) => it.method === method && path.test(it.path)).length,
    countBlobFetches: async () => {
      const counts: Record<string, number> = {}
      for (const { method, path, status } of await readRequests()) {
        const digest = blobPath.exec(path)?.slice(1).join(':')
        if (digest === undefined || method !== 'GET' || status >= 400) continue
        counts[digest] = (counts[digest] ?? 0) + 1
      }
      return counts
    },
  }
}

const parseLine = (line: string): LoggedRequest | undefined => {
  const [, method, path, status, bytes] = combinedLine.exec(line) ?? []
  if (method === undefined || path === undefined) return undefined
  return { method, path, status: Number(status), bytes: Number(bytes) || 0 }
}
