import { cpus } from 'node:os'
import { asPercent, type Finding, tell } from '../findings.ts'
import type { Site } from './site.ts'

/**
 * Resolves with a function that says which share of all processors went, since then, to work that
 * has nothing to do with the site: what makes times worse than they are.
 */
export const watchOtherWork = async (site: Site): Promise<() => Promise<Finding>> => {
  const before = { machine: readMachine(), site: await readSite(site) }
  return async () => {
    const machine = readMachine()
    const busySeconds = machine.busySeconds - before.machine.busySeconds
    const allSeconds = machine.allSeconds - before.machine.allSeconds
    const siteSeconds = (await readSite(site)) - before.site
    const share = Math.max(0, busySeconds - siteSeconds) / allSeconds
    return tell('taken from this machine by other work', share, asPercent)
  }
}

const readSite = async ({ upstreams, entrepot, clients }: Site): Promise<number> => {
  const own = process.cpuUsage()
  const processes = [...upstreams.values(), entrepot, clients]
  const seconds = await Promise.all(processes.map((each) => each.readProcessorSeconds()))
  return seconds.reduce<number>((sum, each) => sum + (each ?? 0), (own.user + own.system) / 1e6)
}

const readMachine = (): { busySeconds: number; allSeconds: number } => {
  const times = cpus().map((each) => each.times)
  const sum = (pick: (time: (typeof times)[number]) => number) =>
    times.reduce((total, time) => total + pick(time), 0) / 1000
  const busySeconds = sum(({ user, nice, sys, irq }) => user + nice + sys + irq)
  return { busySeconds, allSeconds: busySeconds + sum(({ idle }) => idle) }
}
