import { runCommand } from './background-process.ts'
import type { Place } from './place.ts'

/** What became of a request; status 0 where there was no answer. */
export interface CurlAnswer {
  readonly status: number
  /** From the beginning to the last byte. */
  readonly seconds: number
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>
}

/** The body goes to stdout, so the report goes to stderr. */
const report =
  '%{stderr}{"status":"%{response_code}","seconds":%{time_total},"headers":%{header_json}},'

type Report = Omit<CurlAnswer, 'status'> & { readonly status: string }

/** Gets a URL with curl, run at `place`. */
export const curl = async (
  place: Place,
  url: string,
  parameters: readonly string[] = [],
): Promise<CurlAnswer & { readonly body: string }> => {
  const { stdout, stderr } = await run(place, [...parameters, url])
  const [answer] = readReports(stderr)
  if (answer === undefined) throw new Error(`curl said nothing of ${url}: ${stderr}`)
  return { ...answer, body: stdout }
}

/** Gets them one after another, over one connection of one curl, which takes no time to start then. */
export const curlAll = async (
  place: Place,
  urls: readonly string[],
  parameters: readonly string[] = [],
): Promise<readonly CurlAnswer[]> => {
  const nowhere = urls.flatMap((url) => ['--output', '/dev/null', url])
  const { stderr } = await run(place, [...parameters, ...nowhere])
  return readReports(stderr)
}

const run = (place: Place, parameters: readonly string[]) =>
  runCommand(place.inside(['curl', '--silent', '--write-out', report, ...parameters]))

const readReports = (text: string): CurlAnswer[] => {
  const reports = JSON.parse(`[${text.slice(0, -1)}]`) as Report[]
  return reports.map((it) => ({ ...it, status: Number(it.status) }))
}
