import { type Entrepot, startEntrepot } from '../start-entrepot.ts'
import type { Lab } from './lab.ts'

/** Starts Entrepot as a mirror of docker.io, whose settings in mirrors.yaml are `upstream`. */
export const startMirror = async (lab: Lab, upstream: object): Promise<Entrepot> => {
  lab.addLog('entrepot/entrepot.log')
  const mirror = await startEntrepot(lab.path('entrepot'), {
    upstreams: { 'docker.io': upstream },
  })
  lab.onClose(mirror.stop)
  return mirror
}
