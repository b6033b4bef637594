import type { Attention } from '../answers/attention.ts'
import type { Event } from '../events/any-events.ts'
import type { OfflineState } from '../mirror/any-mirror.ts'
import type { VerifyFinding } from '../store/verify-records.ts'
import type { UpstreamState, UrlState } from '../upstream/upstream-state.ts'

type Data<Kind extends Event['kind']> = Extract<Event, { kind: Kind }>['data']

/** Of names in one sentence. */
const mostNamed = 3

export function attendToDisk({ reason }: Data<'disk-high'>, at: number): Attention {
  return {
    kind: 'disk-high',
    severity: 'error',
    what: `The disk is too full, and evicting doesn't help: ${reason}.`,
    advice:
      'Delete or unpin images under Space, move other data off the disk, or give it more room. Until then new images may be passed through and not kept.',
    since: toTime(at),
  }
}

export function attendToConfiguration(
  { file, problems }: Data<'configuration-refused'>,
  at: number,
): Attention {
  const where = problems.length === 0 ? '' : ` It is wrong at ${list(problems)}.`
  return {
    kind: 'configuration-refused',
    severity: 'error',
    what: `The changed ${nameOf(file)} was refused; the one before stays in force.${where}`,
    advice:
      'The log says what was found there and what is wanted. Correct the file: it is taken up by itself.',
    since: toTime(at),
  }
}

export function attendToDamage({ what, finding, outcome, images, at }: VerifyFinding): Attention {
  const needed = images.length === 0 ? '' : ` ${list(images)} needs it.`
  return {
    kind: 'verification-failed',
    severity: 'error',
    what: `${what} is damaged: ${finding}; ${outcome ?? 'nothing was done about it'}.${needed}`,
    advice:
      'Push what is lost again, or pull the image once the upstream answers; "entrepot verify --repair" looks at everything. Damage that comes back points to the disk.',
    since: toTime(at),
  }
}

export function attendToOffline({ isConfigured }: OfflineState, since: number): Attention {
  return {
    kind: 'offline',
    severity: 'warning',
    what: `No upstream is asked${isConfigured ? ', because mirrors.yaml says offline: true' : ': offline is switched on'}. Only what is kept can be pulled.`,
    advice: isConfigured
      ? 'Take offline: true out of mirrors.yaml once upstreams may be asked again.'
      : 'Whoever administers this server switches it off again under Upstreams.',
    since: toTime(since),
  }
}

/** Those that aren't told one by one. */
export function attendToOthers(others: readonly VerifyFinding[]): readonly Attention[] {
  const [latest] = others
  if (latest === undefined) return []
  const whole = attendToDamage(latest)
  return [
    { ...whole, what: `${others.length} more of what is kept is damaged; Space has the list.` },
  ]
}

/** Undefined where all its URLs answer. Of several it is enough if one does. */
export function attendToUpstream(
  { name, urls }: UpstreamState,
  now: number,
): Attention | undefined {
  const failing = urls.filter(({ state }) => state !== 'up')
  const [first] = failing
  if (first === undefined) return undefined
  const isAll = failing.length === urls.length
  const isDown = failing.some(({ state }) => state === 'down')
  const oldest = Math.max(...failing.map(({ forSeconds = 0 }) => forSeconds))
  return {
    kind: 'upstream-down',
    severity: isAll && isDown ? 'error' : 'warning',
    what: `${describeFailure(name, first)}${isAll ? '' : `, at ${first.url}`}.`,
    advice: isAll
      ? 'What is kept of it is still served. It is tried again by itself; look at your network, its status page, or the login for it.'
      : 'Its other addresses answer, and are asked meanwhile.',
    since: toTime(now - oldest * 1000),
  }
}

/** The worst first, and of these what has lasted the longest. */
export function inOrder(attention: readonly Attention[]): readonly Attention[] {
  const rank = ({ severity }: Attention) => (severity === 'error' ? 0 : 1)
  return attention.toSorted(
    (one, other) => rank(one) - rank(other) || one.since.localeCompare(other.since),
  )
}

/** Most reasons begin with the upstream's name. */
function describeFailure(name: string, { reason, retryAfterSeconds }: UrlState): string {
  const why = reason ?? "it doesn't answer"
  const what = why.startsWith(name) ? why : `${name}: ${why}`
  return retryAfterSeconds === undefined
    ? what
    : `${what}; it isn't asked for ${retryAfterSeconds} s`
}

function list(names: readonly string[]): string {
  const others = names.length - mostNamed
  const named = names.slice(0, mostNamed).join(', ')
  return others > 0 ? `${named} and ${others} more` : named
}

/** Without the folders, which are nobody's business. */
function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1)
}

function toTime(at: number): string {
  return new Date(at).toISOString()
}
