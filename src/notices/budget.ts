import type { Logger } from 'pino'
import type { BudgetNews } from '../budget/any-budget.ts'

/** Tells about limits on pulls that run short, each when it does and when it lasts again. */
export function tellOfBudget(logger: Logger): (news: BudgetNews) => void {
  return ({ upstream, account, limit, remaining, isShort, forecast }) => {
    const facts = { upstream, account, limit, remaining, ...forecast }
    const whose = `${upstream}'s limit of ${limit} pulls for ${account}`
    if (!isShort) return logger.info(facts, `${whose} lasts again: ${remaining} remain`)
    const advice =
      'images that aren\'t kept can\'t be pulled then; "entrepot budget" tells who uses it'
    logger.warn(facts, `${whose} ${describeShortage(forecast)}: ${advice}`)
  }
}

function describeShortage(forecast: BudgetNews['forecast']): string {
  const toTime = (at: number) => new Date(at).toISOString()
  if (forecast.state === 'running-out')
    return `will be used up at about ${toTime(forecast.usedUpAt)}`
  const backBy = forecast.state === 'used-up' ? forecast.backBy : undefined
  return backBy === undefined ? 'is used up' : `is used up until ${toTime(backBy)} at the latest`
}
