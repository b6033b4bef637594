import type { ClientsReport, PhaseReport, RequestKind } from '../clients/report.ts'
import { asCount, asMegabytes, asMs, asPercent, type Finding, tell, wantNone } from '../findings.ts'

const kinds: readonly RequestKind[] = ['tag', 'manifest', 'blob']

/** What holds in every scenario: nothing fails, and nothing is wrong. */
export const judgePulls = (title: string, phase: PhaseReport): Finding[] => {
  const failed = phase.pulls - phase.completePulls
  const failures = Object.entries(phase.failures).map(([why, count]) => `${count} x ${why}`)
  const found = wantNone(
    `${title}: failed of ${asCount(phase.pulls)} pulls`,
    failed,
    phase.failureSamples,
  )
  const measured = failed === 0 ? found.measured : `${found.measured} (${failures.join(', ')})`
  return [{ ...found, measured }, judgeContent(title, phase)]
}

/** An answer that ends as if whole must be the right one, whatever happens. */
export const judgeContent = (title: string, { wrongAnswers }: PhaseReport): Finding =>
  wantNone(`${title}: answers with wrong or missing bytes`, wrongAnswers)

/** How much there was to do, and how long it took. */
export const tellLoad = (
  title: string,
  { elapsedMs, ownDelayP99Ms, ownDelayMaxMs }: ClientsReport,
  phase: PhaseReport,
): Finding[] => [
  tell(`${title}: requests/s`, phase.requests / (elapsedMs / 1000), asCount),
  tell(`${title}: to clients`, phase.bytes, asMegabytes),
  tell(`${title}: to clients, per second`, phase.bytes / (elapsedMs / 1000), asMegabytes),
  tell(`${title}: pulls served without asking upstream`, phase.hitPulls / phase.pulls, asPercent),
  tell(`${title}: p99 of the clients' own lateness`, ownDelayP99Ms, asMs),
  tell(`${title}: longest lateness of the clients' own`, ownDelayMaxMs, asMs),
]

/** How long clients waited, kind by kind. */
export const tellLatencies = (title: string, { latencies }: PhaseReport): Finding[] =>
  kinds.flatMap((kind) => {
    const found = latencies[kind]
    if (found === undefined) return []
    return [tell(`${title}: ${kind}, p99 of the first byte`, found.firstByte.p99Ms, asMs)]
  })
