import type { Report } from '../traffic/any-reports.ts'
import { CommandError } from './command-error.ts'
import { askServer, ServerRefusal } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

/** As they are written on the command line. */
export type ReportOptions = ServerOptions & {
  readonly by?: string
  readonly since?: string
  readonly until?: string
  readonly top?: string | undefined
  readonly client?: readonly string[]
  readonly user?: readonly string[]
  readonly upstream?: readonly string[]
  readonly outcome?: readonly string[]
  readonly repository?: string
  readonly image?: string
  readonly json?: true
  readonly csv?: true
  readonly html?: true
  readonly markdown?: true
}

const formats = ['json', 'csv', 'html', 'markdown'] as const
export type Format = (typeof formats)[number] | 'table'

/** Throws CommandError for more than one. */
export function readFormat(options: ReportOptions): Format {
  const [first, second] = formats.filter((format) => options[format])
  if (second === undefined) return first ?? 'table'
  const what = `--${first} and --${second} can't both be printed: wanted one of them`
  throw new CommandError(what, { isUsage: true })
}

/** What differs from what was said: by which dimensions, and how many rows. */
export type Variant = { readonly by?: string; readonly top?: string | undefined }

/** What is wanted, the server knows; what it can't read was written here. */
export async function askReport(options: ReportOptions, variant: Variant = {}): Promise<Report> {
  const path = `/api/v1/report?${toQuery({ ...options, ...variant })}`
  try {
    return (await askServer(options, 'GET', path)) as Report
  } catch (error) {
    if (!(error instanceof ServerRefusal) || error.status !== 400) throw error
    throw new CommandError(error.message, { isUsage: true, cause: error })
  }
}

function toQuery(options: ReportOptions): URLSearchParams {
  const query = new URLSearchParams()
  for (const name of ['by', 'since', 'until', 'top', 'repository', 'image'] as const) {
    const value = options[name]
    if (value !== undefined) query.set(name, value)
  }
  for (const name of ['client', 'user', 'upstream', 'outcome'] as const)
    for (const value of options[name] ?? []) query.append(name, value)
  return query
}
