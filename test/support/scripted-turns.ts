// When a behaviour applies. Each call counts the requests of its own that match the script.

import type { Behaviour } from './scripted-upstream.ts'

/** Only to the first `count` requests. */
export const failTimes = (count: number, behaviour: Behaviour): Behaviour =>
  applyIf((turn) => turn < count, behaviour)

/** Only to the first request. */
export const once = (behaviour: Behaviour): Behaviour => failTimes(1, behaviour)

/** To the first request, the third, and so on. */
export const failEveryOther = (behaviour: Behaviour): Behaviour =>
  applyIf((turn) => turn % 2 === 0, behaviour)

const applyIf = (isDue: (turn: number) => boolean, behaviour: Behaviour): Behaviour => {
  let turns = 0
  return (usual, request) => (isDue(turns++) ? behaviour(usual, request) : usual)
}
