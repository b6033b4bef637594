/** Between 75 and 125 % of it: many mirrors of one registry shouldn't knock at the same moment. */
export function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2)
}
