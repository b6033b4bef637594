import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../api/ask.ts'

/** The seconds that are left until it may be tried again; 0 from then on. */
export function useLockOut(error: unknown): number {
  const [left, setLeft] = useState(0)
  useEffect(() => {
    const seconds = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) : 0
    setLeft(seconds)
    if (seconds === 0) return undefined
    const endsAt = Date.now() + seconds * 1000
    const timer = setInterval(() => {
      setLeft(Math.max(0, Math.ceil((endsAt - Date.now()) / 1000)))
    }, 1000)
    return () => clearInterval(timer)
  }, [error])
  return left
}
