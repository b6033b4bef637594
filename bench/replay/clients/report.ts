export type RequestKind = 'ping' | 'tag' | 'manifest' | 'blob'

export interface Quantiles {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface LatencyReport {
  readonly count: number
  /** From having a connection to the first byte of the body, or to the head where there is none. */
  readonly firstByte: Quantiles
  readonly total: Quantiles
}

export interface PhaseReport {
  readonly pulls: number
  readonly completePulls: number
  /** Complete, and every answer came from the store. */
  readonly hitPulls: number
  /** Of images, no mere checks. */
  readonly imagePulls: number
  readonly completeImagePulls: number
  readonly requests: number
  readonly bytes: number
  readonly latencies: Readonly<Partial<Record<RequestKind, LatencyReport>>>
  /** By X-Entrepot-Cache. */
  readonly outcomes: Readonly<Record<string, number>>
  /** By reason: a status, or what befell the connection. */
  readonly failures: Readonly<Record<string, number>>
  readonly failureSamples: readonly string[]
  /** Failures of what had been served whole before. */
  readonly failuresOfServed: number
  readonly failuresOfServedSamples: readonly string[]
  /** Answers that ended as if whole, with the wrong length or digest. */
  readonly wrongAnswers: number
  /** Connections that broke before the announced length: the client knows. */
  readonly cutAnswers: number
}

export interface SlowReaderReport {
  readonly sizeBytes: number
  /** When everybody else was done. */
  readonly readBytes: number
  /** It then took the rest at full speed, and the digest was right. */
  readonly isRight: boolean
}

export interface ClientsReport {
  readonly elapsedMs: number
  /** One, or two with `secondPhaseAtMs`. */
  readonly phases: readonly PhaseReport[]
  readonly slowReaders: readonly SlowReaderReport[]
  /** How late the clients' own process was at its work: it is part of every latency above. */
  readonly ownDelayP99Ms: number
  readonly ownDelayMaxMs: number
}

/** Undefined for the second where the plan had one phase. */
export const phasesOf = ({ phases }: ClientsReport): [PhaseReport, PhaseReport | undefined] => {
  const [first, second] = phases
  if (first === undefined) throw new Error('the clients recorded nothing')
  return [first, second]
}

export interface ClientsProgress {
  readonly donePulls: number
  readonly allPulls: number
  readonly bytes: number
  /** Then the report is there. */
  readonly isOver: boolean
}
