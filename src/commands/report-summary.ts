import { formatBytes } from '../config/units.ts'
import type { Report, Totals } from '../traffic/any-reports.ts'
import {
  countOf,
  formatCount,
  formatMoney,
  formatMs,
  formatRatio,
  formatSpan,
} from './report-values.ts'

/** What a report comes to, in sentences for people. */
export function summarize(report: Report): readonly string[] {
  const { totals } = report
  const period = `From ${formatTime(report.since)} to ${formatTime(report.until)} UTC`
  if (totals.requests === 0 && totals.fetchedBytes === 0) return [`${period} nothing was pulled.`]
  return [
    `${period}: ${countOf(totals.pulls, 'pull')} of images, in ${countOf(totals.requests, 'request')}.`,
    ...describeBytes(totals),
    ...describeWorth(totals),
    ...describeCache(totals),
    ...describeHub(totals),
    ...describeTrouble(totals),
    ...describeSpeed(totals),
  ]
}

export function formatTime(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

function describeBytes(totals: Totals): readonly string[] {
  const { servedBytes, hostedBytes, fetchedBytes, savedBytes } = totals
  const own = hostedBytes > 0 ? `, ${formatBytes(hostedBytes)} of them of your own images` : ''
  const went = `${formatBytes(servedBytes)} went out to clients${own}; ${formatBytes(fetchedBytes)} came in from upstreams.`
  if (!isAboutMirrored(totals)) return [went]
  if (savedBytes < 0)
    return [went, `More was fetched than was served of it so far: ${formatBytes(-savedBytes)}.`]
  return [went, `Saved: ${formatBytes(savedBytes)} that didn't have to be fetched again.`]
}

function describeCache(totals: Totals): readonly string[] {
  if (!isAboutMirrored(totals)) return []
  const [bytes, pulls] = [totals.byteHitRatio, totals.pullHitRatio].map(formatRatio)
  return [`From the cache: ${bytes} of the bytes and ${pulls} of the pulls of mirrored images.`]
}

/** Of what is hosted nothing can be saved. */
function isAboutMirrored({ mirroredPulls, byteHitRatio, fetchedBytes }: Totals): boolean {
  return mirroredPulls > 0 || fetchedBytes > 0 || byteHitRatio !== undefined
}

function describeHub({ dockerHub: { pulls, counted, avoided } }: Totals): readonly string[] {
  if (pulls === 0 && counted === 0) return []
  const what = `Docker Hub counted ${countOf(counted, 'pull')} for ${formatCount(pulls)} here`
  return [avoided >= 0 ? `${what}: ${formatCount(avoided)} avoided.` : `${what}.`]
}

function describeWorth(totals: Totals): readonly string[] {
  const { money, savedMs } = totals
  const worth =
    money &&
    isAboutMirrored(totals) &&
    `That is worth ${formatMoney(money.amount, money.currency)}, at ${money.perGB} ${money.currency} per GB.`
  const time =
    savedMs !== undefined &&
    savedMs >= 1_000 &&
    `Clients waited about ${formatSpan(savedMs)} less, added up, by the speeds measured here and upstream.`
  return [worth, time].filter((line): line is string => typeof line === 'string')
}

function describeTrouble({ errors, errorsByKind, broken }: Totals): readonly string[] {
  const kinds = Object.entries(errorsByKind)
    .toSorted(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${formatCount(count)} ${kind}`)
  const failed = errors > 0 && `${countOf(errors, 'request')} got an error: ${kinds.join(', ')}.`
  const cut = broken > 0 && `${countOf(broken, 'answer')} broke off before the end.`
  return [failed, cut].filter((line): line is string => typeof line === 'string')
}

function describeSpeed({ medianMs, p95Ms }: Totals): readonly string[] {
  if (medianMs === undefined || p95Ms === undefined) return []
  return [
    `Half of the answers took less than ${formatMs(medianMs)}, 95 % less than ${formatMs(p95Ms)}.`,
  ]
}
