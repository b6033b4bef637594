// The clients of a scenario, in a process of their own: `main.ts PORT`. They are told what to pull,
// check every answer, and say how long each took.

import { readFile } from 'node:fs/promises'
import { listenForCommands } from '../control.ts'
import type { Plan } from './plan.ts'
import { PlanRun } from './run-plan.ts'

const [port = ''] = process.argv.slice(2)
const served = new Set<string>()
let current: PlanRun | undefined

const findRun = (): PlanRun => {
  if (current === undefined) throw new Error('no plan was started')
  return current
}

const commands = {
  start: async (planFile: string) => {
    const plan = JSON.parse(await readFile(planFile, 'utf8')) as Plan
    current = new PlanRun(plan, served)
  },
  progress: () => findRun().progress,
  report: () => findRun().report,
}

listenForCommands(commands, Number(port))
