import { ScriptedUpstream } from '../scripted-upstream.ts'
import type { Entrepot } from '../start-entrepot.ts'
import type { Lab } from './lab.ts'
import { type MirrorOptions, startMirror } from './mirror.ts'

/**
 * Entrepot for the images of a team: everyone may push, and the default upstream has nothing. Started
 * again in the same lab, it has the same data.
 */
export const startOwnRegistry = async (
  lab: Lab,
  { config: others, ...options }: Pick<MirrorOptions, 'port' | 'config'> = {},
): Promise<Entrepot> => {
  const upstream = await ScriptedUpstream.start()
  lab.onClose(() => upstream.stop())
  const config = { access: { anonymous: 'push' }, ...others }
  return startMirror(lab, { url: upstream.url }, { ...options, config })
}
