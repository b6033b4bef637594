import { useEffect, useState } from 'preact/hooks'
import { ask } from '../../api/ask.ts'

/** What doing something to one image would do, or why it can't be done. */
export type Planned<Plan> = {
  readonly image: string
  readonly plan?: Plan
  readonly error?: unknown
}

export type Work = {
  /** Of the API: `evict`. */
  readonly path: string
  readonly bodies: readonly { readonly image: string; readonly body: object }[]
}

/** Whoever is typing hasn't said yet what he wants. */
const settledAfterMs = 250

/** A dry run for each of the images, one after the other; undefined until the last has come. */
export function usePlans<Plan>({ path, bodies }: Work): readonly Planned<Plan>[] | undefined {
  const [found, setFound] = useState<{ key: string; plans: readonly Planned<Plan>[] }>()
  const key = JSON.stringify([path, bodies])
  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      void runAll<Plan>({ path, bodies: withDryRun(bodies) }, leaving.signal).then((plans) => {
        if (!leaving.signal.aborted) setFound({ key, plans })
      })
    }, settledAfterMs)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
    // `key` is the path and the bodies, which are made anew each time.
  }, [key])
  return found?.key === key ? found.plans : undefined
}

/** Does it to each of them, one after the other; what fails keeps none of the others from being done. */
export async function runAll<Answer>(
  { path, bodies }: Work,
  signal?: AbortSignal,
): Promise<readonly Planned<Answer>[]> {
  const done: Planned<Answer>[] = []
  for (const { image, body } of bodies) {
    if (signal?.aborted) break
    try {
      const plan = await ask<Answer>(path, { method: 'POST', body, ...(signal && { signal }) })
      done.push({ image, plan })
    } catch (error) {
      done.push({ image, error })
    }
  }
  return done
}

function withDryRun(bodies: Work['bodies']): Work['bodies'] {
  return bodies.map(({ image, body }) => ({ image, body: { ...body, dryRun: true } }))
}
