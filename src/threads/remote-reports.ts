import type { AnyReports } from '../traffic/any-reports.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where the ledger is. */
export type ReportCalls = { report: AnyReports['report'] }

/** Reports as a serving thread has them. */
export class RemoteReports implements AnyReports {
  readonly #calls: Calls<ReportCalls>

  constructor(calls: Calls<ReportCalls>) {
    this.#calls = calls
  }

  report: AnyReports['report'] = (request, caller) => this.#calls.call('report', request, caller)
}

/** What the main thread has for it. */
export function reportCalls(reports: AnyReports): ReportCalls {
  return { report: (request, caller) => reports.report(request, caller) }
}
