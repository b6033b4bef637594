import { listProcessGroup } from './process-list.ts'

// Linux reports process times in units of USER_HZ, which is 100 on every platform Node runs on.
const ticksPerSecond = 100
// utime and stime, counted from the state on.
const timeFields = [11, 12]

/**
 * Processor seconds that the processes of a group have used so far, user and system together.
 * Undefined where there is no /proc.
 */
export const readProcessorSeconds = async (groupId: number): Promise<number | undefined> => {
  const processes = await listProcessGroup(groupId)
  const ticks = processes?.flatMap(({ fields }) => timeFields.map((each) => Number(fields[each])))
  return ticks && ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond
}
