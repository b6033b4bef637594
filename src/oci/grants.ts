import { RegistryError } from './registry-error.ts'
import { formatSource, type Source } from './source.ts'

/**
 * Once it is known which of the two a name means: the hosted repository (`isOwn`), or the upstream's.
 * Throws RegistryError DENIED where whoever asks may not pull that one.
 */
export function requireGrant(source: Source, isOwn: boolean): void {
  const { own, grants } = source
  const isGranted = isOwn ? grants?.pullOwn : grants?.pullMirrored
  if (isGranted === false) throw denied(isOwn && own !== undefined ? own : formatSource(source))
}

function denied(name: string): RegistryError {
  return new RegistryError('DENIED', `${name} may not be pulled: no rule under access lets you`)
}
