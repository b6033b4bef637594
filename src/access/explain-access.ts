import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import type { Access } from './access.ts'
import type { Caller } from './caller.ts'
import type { Action } from './rules.ts'

export type Explained = {
  /** Undefined for all there is. */
  readonly repository: string | undefined
  readonly allowed: boolean
  /** Which setting decided, for people. */
  readonly because: string
}

type Asked = {
  readonly caller: Caller
  readonly action: Action
  /** `**` asks for all there is. */
  readonly repository: string
}

const actions: readonly Action[] = ['pull', 'push', 'delete', 'admin']
const onlyPulled = 'what is mirrored is only pulled'

/** Throws RegistryError NAME_INVALID. */
export function parseAction(text: string): Action {
  const action = actions.find((each) => each === text)
  if (action !== undefined) return action
  const what = `${JSON.stringify(text.slice(0, 80))} is nothing that one may: wanted one of ${actions.join(', ')}`
  throw new RegistryError('NAME_INVALID', what)
}

/**
 * May this caller do that, and by which setting. A name without an upstream may be one of what is hosted, or of
 * the default upstream: then there are two answers. Throws as `resolve` does.
 */
export function explainAccess(
  access: Access,
  { caller, action, repository }: Asked,
  resolve: (name: string) => Source,
): readonly Explained[] {
  if (repository === '**') {
    const { isAllowed, because } = access.decideEverything(caller, action)
    return [{ repository: undefined, allowed: isAllowed, because }]
  }
  const sources = listSources(resolve(repository))
  const asked = action === 'pull' ? sources : sources.slice(0, 1)
  return asked.map((source) => {
    const name = formatSource(source)
    if (source.upstream !== pushedHere && action !== 'pull')
      return { repository: name, allowed: false, because: onlyPulled }
    const { isAllowed, because } = access.decide(caller, action, source)
    return { repository: name, allowed: isAllowed, because }
  })
}

function listSources({ own, ...mirrored }: Source): readonly Source[] {
  return own === undefined ? [mirrored] : [ownSource(own), mirrored]
}
