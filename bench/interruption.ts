const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

export interface Interruption extends Disposable {
  readonly signal: AbortSignal
  /** What the process ends with once it was interrupted. */
  readonly exitCode: () => number | undefined
}

/** The first Ctrl-C aborts, so that everything is put away in order; a second one ends at once. */
export const watchInterruption = (): Interruption => {
  const controller = new AbortController()
  let exitCode: number | undefined
  const interrupt = (signal: (typeof signals)[number]) => {
    if (controller.signal.aborted) process.exit(signalExitCodes[signal])
    exitCode = signalExitCodes[signal]
    process.stderr.write('\nstopping\n')
    controller.abort()
  }
  for (const signal of signals) process.on(signal, interrupt)
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.removeListener(signal, interrupt)
    },
  }
}
