import { ScriptedUpstream } from '../scripted-upstream.ts'
import type { Entrepot } from '../start-entrepot.ts'
import type { Lab } from './lab.ts'
import { startMirror } from './mirror.ts'

/** Entrepot for the images of a team: everyone may push, and the default upstream has nothing. */
export const startOwnRegistry = async (lab: Lab): Promise<Entrepot> => {
  const upstream = await ScriptedUpstream.start()
  lab.onClose(() => upstream.stop())
  return startMirror(lab, { url: upstream.url }, { config: { access: { anonymous: 'push' } } })
}
