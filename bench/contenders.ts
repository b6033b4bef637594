import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Case, RunningCase, Sample, StartingCase } from './parts/part.ts'
import type { RoundLab } from './rounds.ts'
import type { RunningServer, ServerKind, ServerName } from './servers/server.ts'
import { plain, type Variants } from './variants.ts'

const logTailLength = 2000

/** A server that takes part in a case. */
export interface Contender {
  readonly name: ServerName
  readonly measure: (seconds: number) => Promise<Sample>
  /** The end of what it printed, for the message when something went wrong. */
  readonly readLogTail: () => Promise<string>
}

/** Those of the run's servers that the case is measured on, set up as it wants them. */
export const openContenders = async (
  lab: RoundLab,
  measured: Case,
  signal: AbortSignal,
): Promise<Contender[]> => {
  const takesPart = ({ name }: { name: ServerName }) => measured.servers?.includes(name) ?? true
  if ('measure' in measured && measured.variant === undefined)
    return lab.servers.filter(takesPart).map((server) => contend(lab, measured, { server, signal }))
  const contenders: Contender[] = []
  for (const kind of needVariants(lab).kinds.filter(takesPart))
    contenders.push(await openVariant(lab, measured, { kind, signal }))
  return contenders
}

interface ContenderOptions {
  readonly kind: ServerKind
  readonly signal: AbortSignal
}

const openVariant = async (
  lab: RoundLab,
  measured: Case,
  { kind, signal }: ContenderOptions,
): Promise<Contender> => {
  if ('measureStarting' in measured) return openSite(lab, measured, { kind, signal })
  const server = await needVariants(lab).run(measured.variant ?? plain, kind)
  return contend(lab, measured, { server, signal })
}

const contend = (
  { image }: RoundLab,
  { measure }: RunningCase,
  { server, signal }: { readonly server: RunningServer; readonly signal: AbortSignal },
): Contender => ({
  name: server.name,
  measure: (seconds) => measure({ server, image, seconds, signal }),
  readLogTail: () => server.process.readLogTail(),
})

const needVariants = ({ variants }: RoundLab): Variants => {
  if (variants === undefined) throw new Error('this lab has no variants of its servers')
  return variants
}

const openSite = async (
  lab: RoundLab,
  { variant, measureStarting }: StartingCase,
  { kind, signal }: ContenderOptions,
): Promise<Contender> => {
  const { image } = lab
  const site = await needVariants(lab).settle(variant, kind)
  return {
    name: kind.name,
    measure: (seconds) => measureStarting({ kind, site, image, seconds, signal }),
    readLogTail: async () =>
      (await readFile(join(site.directory, 'log'), 'utf8')).slice(-logTailLength),
  }
}
