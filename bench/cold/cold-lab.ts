// Servers whose upstream is at the other end of a line, and content that none of them holds.

import { startLab } from '../lab.ts'
import { type Line, startLine } from '../line/start-line.ts'
import type { OwnPartOptions } from '../parts/own-part.ts'
import type { Case } from '../parts/part.ts'
import { type CaseResult, type RoundLab, runRounds } from '../rounds.ts'
import { dropLargeFiles } from './drop-large-files.ts'

// The servers are warmed and checked with little: what is measured is new to them each time.
const warmLayerBytes = 1_000_000

export interface ColdLab extends RoundLab, AsyncDisposable {
  readonly line: Line
  /** Upstream itself, where new content is pushed to beside the line. */
  readonly upstreamUrl: string
  readonly directory: string
}

/** Measures the cases in a cold lab of their own, and drops what each has left on the disk. */
export const runColdCases = async (
  part: string,
  options: OwnPartOptions,
  makeCases: (lab: ColdLab) => readonly Case[],
): Promise<readonly CaseResult[]> => {
  await using lab = await startColdLab(options)
  const results: CaseResult[] = []
  for (const each of makeCases(lab)) {
    const parts = [{ name: part, cases: [each] }]
    results.push(...(await runRounds(lab, { ...options, parts })))
    await dropLargeFiles(options.directory)
  }
  return results
}

const startColdLab = async (options: OwnPartOptions): Promise<ColdLab> => {
  const { directory } = options
  await using stack = new AsyncDisposableStack()
  const started = Promise.withResolvers<Line>()
  const putBetween = async (upstreamUrl: string): Promise<string> => {
    const line = stack.use(await startLine(upstreamUrl))
    started.resolve(line)
    return line.url
  }
  const lab = stack.use(await startLab({ ...options, layerBytes: warmLayerBytes, putBetween }))
  const line = await started.promise
  const owned = stack.move()
  const { image, servers, upstreamUrl } = lab
  const dispose = () => owned.disposeAsync()
  return { image, servers, upstreamUrl, line, directory, [Symbol.asyncDispose]: dispose }
}
