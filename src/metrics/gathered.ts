import type { Mirror } from '../mirror/mirror.ts'
import type { AnySpace, SpaceState } from '../space/any-space.ts'
import type { Stores } from '../store/open-stores.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { Counted } from './counted.ts'
import type { NamedThread } from './thread-watch.ts'

/** What tells how the server does, when it is asked. */
export type Sources = {
  readonly counted: Counted
  readonly mirror: Pick<Mirror, 'describeUpstreams' | 'describeFetches' | 'isOffline'>
  readonly space: Pick<AnySpace, 'describe'>
  readonly stores: Pick<Stores, 'health' | 'queryTimes'>
  readonly logins: { readonly refusedCount: number }
  readonly describeThreads: () => Promise<readonly NamedThread[]>
}

/** All that is told of one moment. What couldn't be found out is undefined. */
export type Gathered = Omit<Sources, 'space' | 'describeThreads'> & {
  readonly upstreams: readonly UpstreamState[] | undefined
  readonly space: SpaceState | undefined
  readonly threads: readonly NamedThread[] | undefined
}

export const askedParts = ['upstreams', 'space', 'threads'] as const
export type AskedPart = (typeof askedParts)[number]

/** Never rejects: what fails is told to `onError`, and of the rest there is an answer all the same. */
export async function gather(
  sources: Sources,
  onError: (error: unknown, part: AskedPart) => void,
): Promise<Gathered> {
  const find = async <T>(part: AskedPart, asking: Promise<T>): Promise<T | undefined> => {
    try {
      return await asking
    } catch (error) {
      onError(error, part)
      return undefined
    }
  }
  const { counted, mirror, stores, logins } = sources
  const [upstreams, space, threads] = await Promise.all([
    find('upstreams', mirror.describeUpstreams()),
    find('space', sources.space.describe()),
    find('threads', sources.describeThreads()),
  ])
  return { counted, mirror, stores, logins, upstreams, space, threads }
}
