import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { MayAnswer } from '../answers/image.ts'
import { ownSource, type Source } from '../oci/source.ts'

/** What the caller may do to images of a repository, of which it is known whether it is hosted. */
export function tellMay(
  access: Access,
  caller: Caller,
  { source: { own }, isHosted }: { readonly source: Source; readonly isHosted: boolean },
): MayAnswer {
  const mayOwn = (action: 'push' | 'delete') =>
    isHosted && own !== undefined && access.may(caller, action, ownSource(own))
  return {
    push: mayOwn('push'),
    delete: mayOwn('delete'),
    admin: access.decideEverything(caller, 'admin').isAllowed,
  }
}
