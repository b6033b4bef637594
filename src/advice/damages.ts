import { type Digest, isDigest } from '../oci/digest.ts'
import { isLeftInPlace } from '../space/finding.ts'
import type { Stores } from '../store/open-stores.ts'
import type { VerifyFinding } from '../store/verify-records.ts'

type Asked = Pick<Stores, 'blobs' | 'integrity' | 'verify'>

/** As many as are remembered for whoever looks at them. */
const mostFindings = 200
const mostRuns = 10

/** What is kept, was found wrong, and isn't well yet as far as is known; the latest first. Holds across a restart. */
export async function findDamages(stores: Asked): Promise<readonly VerifyFinding[]> {
  const findings = latestOfEach(await stores.verify.listVerifyFindings(mostFindings))
  const open = findings.filter(({ isHealed }) => !isHealed)
  if (open.length === 0) return []
  const runs = await stores.verify.listVerifyRuns(mostRuns)
  // All was read since then, and it wasn't found again.
  const read = runs.find(({ state }) => state === 'done')?.startedAt ?? Number.NEGATIVE_INFINITY
  const damages: VerifyFinding[] = []
  for (const finding of open)
    if (finding.at >= read && !(await isOver(finding, stores))) damages.push(finding)
  return damages
}

/** What was found last counts. */
function latestOfEach(findings: readonly VerifyFinding[]): readonly VerifyFinding[] {
  const latest = new Map<string, VerifyFinding>()
  for (const finding of findings) if (!latest.has(finding.what)) latest.set(finding.what, finding)
  return [...latest.values()]
}

async function isThere(digest: Digest, { blobs }: Asked): Promise<boolean> {
  try {
    return (await blobs.find(digest)) !== undefined
  } catch {
    // A disk that doesn't say what it has doesn't say either that it is well again; the log has why.
    return false
  }
}

/** Nothing needs it any more, or what was moved away was pushed or pulled again. */
async function isOver({ what, outcome }: VerifyFinding, stores: Asked): Promise<boolean> {
  if (!isDigest(what)) return false
  if (!isLeftInPlace(outcome) && (await isThere(what, stores))) return true
  return !(await stores.integrity.findRecorded([what])).has(what)
}
