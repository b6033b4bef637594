import { useEffect, useRef, useState } from 'preact/hooks'

export type Running<Args extends readonly unknown[]> = {
  readonly run: (...args: Args) => void
  readonly isRunning: boolean
  readonly error: unknown
  /** Why it failed. */
  readonly forget: () => void
}

/** Runs something once a time, and keeps why it failed until it is run again. */
export function useAsync<Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<void>,
): Running<Args> {
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState<unknown>()
  const isShown = useRef(true)
  useEffect(() => {
    isShown.current = true
    return () => {
      isShown.current = false
    }
  }, [])
  const run = (...args: Args) => {
    if (isRunning) return
    setRunning(true)
    setError(undefined)
    work(...args)
      .catch((found: unknown) => isShown.current && setError(found))
      .finally(() => isShown.current && setRunning(false))
  }
  return { run, isRunning, error, forget: () => setError(undefined) }
}
