import { setImmediate } from 'node:timers/promises'

/** A millisecond or so. */
const atOnce = 500

/** Does something with each of a long list; requests are answered in between. */
export async function eachInTurns<T>(list: Iterable<T>, act: (one: T) => void): Promise<void> {
  let count = 0
  for (const one of list) {
    if (++count % atOnce === 0) await setImmediate()
    act(one)
  }
}

export async function mapInTurns<T, R>(list: Iterable<T>, map: (one: T) => R): Promise<R[]> {
  const mapped: R[] = []
  await eachInTurns(list, (one) => mapped.push(map(one)))
  return mapped
}
