import type { Logger } from 'pino'
import type { EventSink } from '../events/any-events.ts'
import {
  describeFinding,
  describeOutcome,
  type Finding,
  isHealed,
  nameOwners,
} from '../space/finding.ts'
import type { IntegrityNotices } from '../space/integrity.ts'

/** So many are named; the others are like them. */
const mostNamed = 5

/** Tells about what is kept and turned out damaged, and what became of it. */
export function tellOfDamage(logger: Logger, events: EventSink): IntegrityNotices {
  return {
    onHealed: ({ finding, outcome, owners }) => {
      const images = nameOwners(owners?.images ?? []).slice(0, mostNamed)
      const what = nameOf(finding)
      const healed = isHealed(outcome)
      // What was mirrored is fetched when it is pulled.
      const level = healed || outcome.kind === 'unfetched' ? 'warn' : 'error'
      const [found, became] = [describeFinding(finding), describeOutcome(outcome)]
      logger[level]({ digest: what, images }, `${what}: ${found}; ${became}`)
      const data = { what, finding: found, outcome: became, healed, images }
      events.emit({ kind: 'verification-failed', data })
    },
    onRebuilt: ({ files, manifests }) =>
      logger.warn(
        `the database knew nothing of ${files} files under blobs/: they are used again, ${manifests} manifests among them; each repository's are asked for upstream once`,
      ),
    onError: (err, what) => logger.warn({ err }, what),
  }
}

function nameOf(finding: Finding): string {
  return finding.kind === 'foreign' ? finding.name.foreign : finding.digest
}
