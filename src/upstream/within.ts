/** Aborted after that time, and when the other is. */
export function within(ms: number, other: AbortSignal | undefined): AbortSignal {
  const deadline = AbortSignal.timeout(ms)
  return other === undefined ? deadline : AbortSignal.any([deadline, other])
}
