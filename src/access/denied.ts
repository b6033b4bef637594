import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, pushedHere, type Source } from '../oci/source.ts'
import { type Caller, formatCaller } from './caller.ts'
import type { Action } from './rules.ts'

type Denied = {
  readonly caller: Caller
  readonly action: Action
  readonly source: Source
  /** As `Access.decide` has it. */
  readonly because: string
}

/** Says nothing of whether there is such a repository. */
export function denied({ caller, action, source, because }: Denied): RegistryError {
  const name = formatSource(source)
  const isHosted = source.upstream === pushedHere
  const rule = (who: string) => `{who: ${who}, repositories: "${name}", may: [${action}]}`
  if (caller.kind !== 'anonymous') {
    const what = `${formatCaller(caller)} may not ${action} ${name}: ${because}`
    return new RegistryError('DENIED', what, { isHosted })
  }
  const who = caller.canLogIn ? 'only who is logged in may' : 'nobody may'
  const all = isHosted && action !== 'pull' ? 'access.anonymous: push, or ' : ''
  const open = `to let everybody: ${all}access.rules: [${rule('anonymous')}] in mirrors.yaml`
  return refuse(caller, `${who} ${action} ${name}: ${howToLogIn(caller)}; ${open}`, isHosted)
}

/** Of what needs an admin. */
export function deniedEverything(caller: Caller): RegistryError {
  if (caller.kind !== 'anonymous') {
    const what = `${formatCaller(caller)} is no admin: access.rules in mirrors.yaml has no rule with repositories: "**" and may: [admin] for that name`
    return new RegistryError('DENIED', what)
  }
  const what =
    'this needs an admin: run the command where the data folder can be read, without --server, or put a token with --may admin into ENTREPOT_TOKEN'
  return refuse(caller, caller.canLogIn ? what : `${what}; ${howToLogIn(caller)}`, false)
}

/** Of what tells how the server does. */
export function deniedReading(caller: Anonymous): RegistryError {
  const what = `access.anonymous: none in mirrors.yaml keeps this for who is logged in: ${howToLogIn(caller)}; commands take ENTREPOT_TOKEN`
  return refuse(caller, what, false)
}

type Anonymous = Extract<Caller, { readonly kind: 'anonymous' }>

function howToLogIn({ canLogIn }: Anonymous): string {
  return canLogIn
    ? '"docker login" (or "podman login") with this server\'s name first'
    : 'run "entrepot user add NAME" on the server, then "docker login" with its name'
}

function refuse({ canLogIn }: Anonymous, what: string, isHosted: boolean): RegistryError {
  return new RegistryError(canLogIn ? 'UNAUTHORIZED' : 'DENIED', what, { isHosted })
}
