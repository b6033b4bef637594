import { ci } from './ci.ts'
import { homelab } from './homelab.ts'
import { nodeStart } from './node-start.ts'
import { pollStorm } from './poll-storm.ts'
import type { Scenario } from './scenario.ts'
import { upstreamDown } from './upstream-down.ts'

/** In the order in which they run. */
export const scenarios: readonly Scenario[] = [homelab, ci, upstreamDown, nodeStart, pollStorm]

export const scenarioNames: readonly string[] = scenarios.map(({ name }) => name)
