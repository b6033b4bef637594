import type { ProgramName } from '../programs.ts'
import type { CaseResult, RoundOptions } from '../rounds.ts'
import type { ServerKind } from '../servers/server.ts'

export interface OwnPartOptions extends Omit<RoundOptions, 'parts'> {
  /** An empty folder for everything that is written meanwhile. */
  readonly directory: string
  /** Those of the part's servers that were chosen. */
  readonly kinds: readonly ServerKind[]
}

/** What `--only` chooses, too: a part that needs another lab than the others share, and starts it. */
export interface OwnPart {
  readonly name: string
  readonly kinds: readonly ServerKind[]
  readonly programs: readonly ProgramName[]
  readonly run: (options: OwnPartOptions) => Promise<readonly CaseResult[]>
}
