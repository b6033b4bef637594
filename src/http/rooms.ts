import type { Access } from '../access/access.ts'
import type { AnyAdministration } from '../access/any-administration.ts'
import type { AnyAdvice } from '../advice/any-advice.ts'
import type { AnyAudit } from '../audit/any-audit.ts'
import type { AnyBudget } from '../budget/any-budget.ts'
import type { AnyCatalog } from '../catalog/any-catalog.ts'
import type { AnyChronicle } from '../chronicle/any-chronicle.ts'
import type { AnyEvents } from '../events/any-events.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { AnyMetrics } from '../metrics/any-metrics.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { AnyReports } from '../traffic/any-reports.ts'
import type { Authentication } from './authentication.ts'

/** The rooms that answer requests, in the thread that they live in or from another. */
export type Rooms = {
  readonly mirror: AnyMirror
  readonly hosted: AnyHosted
  readonly catalog: AnyCatalog
  readonly space: AnySpace
  readonly events: AnyEvents
  readonly reports: AnyReports
  readonly advice: AnyAdvice
  readonly access: Access
  readonly authentication: Authentication
  readonly administration: AnyAdministration
  readonly audit: AnyAudit
  readonly metrics: AnyMetrics
  readonly budget: AnyBudget
  readonly chronicle: AnyChronicle
}
