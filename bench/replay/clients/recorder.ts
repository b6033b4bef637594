import { CutError } from './ask.ts'
import type { LatencyReport, PhaseReport, Quantiles, RequestKind } from './report.ts'

const maxSamples = 10

/** An answer that a client can't go on with. */
export class FailedRequest extends Error {
  override readonly name = 'FailedRequest'
  /** What failures are counted by. */
  readonly reason: string
  readonly isWrong: boolean

  constructor(message: string, reason: string, { isWrong = false } = {}) {
    super(message)
    this.reason = reason
    this.isWrong = isWrong
  }
}

interface Times {
  readonly firstByte: number[]
  readonly total: number[]
}

/** What one phase of a replay saw. */
export class Recorder {
  readonly #times = new Map<RequestKind, Times>()
  readonly #outcomes = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #samples: string[] = []
  readonly #servedSamples: string[] = []
  #bytes = 0
  #failuresOfServed = 0
  #wrongAnswers = 0
  #cutAnswers = 0
  readonly #pulls = { all: 0, complete: 0, hit: 0, image: 0, completeImage: 0 }

  get bytes(): number {
    return this.#bytes
  }

  recordAnswer(
    kind: RequestKind,
    answer: { readonly bytes: number; readonly firstByteMs: number; readonly totalMs: number },
    outcome: string | undefined,
  ): void {
    const times = this.#times.get(kind) ?? { firstByte: [], total: [] }
    this.#times.set(kind, times)
    times.firstByte.push(answer.firstByteMs)
    times.total.push(answer.totalMs)
    this.#bytes += answer.bytes
    if (outcome !== undefined) addOne(this.#outcomes, outcome)
  }

  recordPull(pull: { isComplete: boolean; isHit: boolean; isImage: boolean }): void {
    this.#pulls.all++
    if (pull.isImage) this.#pulls.image++
    if (!pull.isComplete) return
    this.#pulls.complete++
    if (pull.isImage) this.#pulls.completeImage++
    if (pull.isHit) this.#pulls.hit++
  }

  recordFailure(error: unknown, wasServed: boolean): void {
    const failed = error instanceof FailedRequest ? error : undefined
    if (error instanceof CutError) this.#cutAnswers++
    if (failed?.isWrong === true) this.#wrongAnswers++
    if (wasServed) this.#failuresOfServed++
    addOne(this.#failures, failed?.reason ?? (error instanceof CutError ? 'cut' : describe(error)))
    addSample(this.#samples, error)
    if (wasServed) addSample(this.#servedSamples, error)
  }

  report(): PhaseReport {
    const latencies = [...this.#times].map(([kind, times]) => [kind, describeTimes(times)] as const)
    return {
      pulls: this.#pulls.all,
      completePulls: this.#pulls.complete,
      hitPulls: this.#pulls.hit,
      imagePulls: this.#pulls.image,
      completeImagePulls: this.#pulls.completeImage,
      requests: latencies.reduce((sum, [, { count }]) => sum + count, 0),
      bytes: this.#bytes,
      latencies: Object.fromEntries(latencies),
      outcomes: Object.fromEntries(this.#outcomes),
      failures: Object.fromEntries(this.#failures),
      failureSamples: this.#samples,
      failuresOfServed: this.#failuresOfServed,
      failuresOfServedSamples: this.#servedSamples,
      wrongAnswers: this.#wrongAnswers,
      cutAnswers: this.#cutAnswers,
    }
  }
}

const addSample = (samples: string[], error: unknown): void => {
  const text = error instanceof Error ? error.message : String(error)
  if (samples.length < maxSamples) samples.push(text)
}

const addOne = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

const describeTimes = ({ firstByte, total }: Times): LatencyReport => ({
  count: total.length,
  firstByte: findQuantiles(firstByte),
  total: findQuantiles(total),
})

const findQuantiles = (values: readonly number[]): Quantiles => {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
