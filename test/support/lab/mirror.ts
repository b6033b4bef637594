import { type Entrepot, type StartOptions, startEntrepot } from '../start-entrepot.ts'
import type { Lab } from './lab.ts'

export interface MirrorOptions extends StartOptions {
  /** More of mirrors.yaml. */
  readonly config?: object
}

/**
 * Starts Entrepot as a mirror of docker.io, whose settings in mirrors.yaml are `upstream`. Started
 * again in the same lab, it has the same data.
 */
export const startMirror = async (
  lab: Lab,
  upstream: object,
  { config = {}, ...options }: MirrorOptions = {},
): Promise<Entrepot> => {
  lab.addLog('entrepot/entrepot.log')
  const settings = { upstreams: { 'docker.io': upstream }, ...config }
  const mirror = await startEntrepot(lab.path('entrepot'), settings, options)
  lab.onClose(mirror.stop)
  return mirror
}
