import { Authenticator, type EndpointSettings } from './authenticator.ts'
import type { Challenge } from './challenge.ts'
import { describeFailure } from './describe-failure.ts'
import type { DialSteps } from './dial-steps.ts'
import type { Dialer } from './dialer.ts'
import { discardBody } from './response-body.ts'
import type { TestStep, TestStepName, UrlTest } from './test-step.ts'
import { UpstreamError } from './upstream-error.ts'

type Settings = EndpointSettings & { readonly dialer: Dialer; readonly signal: AbortSignal }

type Step = readonly [step: TestStepName, take: () => Promise<string>]

/** Never rejects: what fails is a result. */
export async function testUrl(settings: Settings): Promise<UrlTest> {
  const { baseUrl, dialer } = settings
  const url = baseUrl.origin
  const dial = await dialer.stepsFor(baseUrl)
  try {
    const isPlain = baseUrl.protocol === 'http:'
    const dialled = dialSteps(dial).filter(([step]) => !isPlain || step !== 'tls')
    return { url, steps: await take(settings, [...dialled, ...askSteps(settings)]) }
  } finally {
    dial.close()
  }
}

async function take(settings: Settings, steps: readonly Step[]): Promise<readonly TestStep[]> {
  const taken: TestStep[] = []
  for (const [step, act] of steps) {
    const startedAt = settings.elapsedMs()
    const outcome = await outcomeOf(settings, act)
    const milliseconds = Math.round(settings.elapsedMs() - startedAt)
    taken.push({ step, milliseconds, ...outcome })
    if (outcome.result === 'failed') break
  }
  return taken
}

async function outcomeOf(
  { upstream, signal }: Settings,
  act: () => Promise<string>,
): Promise<Pick<TestStep, 'result' | 'detail'>> {
  try {
    return { result: 'ok', detail: await untilAborted(act(), signal) }
  } catch (error) {
    return { result: 'failed', detail: describeFailure(upstream, error).message }
  }
}

/** What goes on then is closed by whoever began it. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function dialSteps(dial: DialSteps): readonly Step[] {
  return [
    [
      'dns',
      async () => {
        const [first, ...others] = await dial.resolve()
        return others.length === 0 ? `${first}` : `${first} and ${others.length} more`
      },
    ],
    [
      'connect',
      async () => {
        await dial.connect()
        return 'it takes connections'
      },
    ],
    [
      'tls',
      async () => {
        const { version, validTo } = await dial.secure()
        return `${version}, with a certificate that is trusted until ${validTo}`
      },
    ],
  ]
}

function askSteps(settings: Settings): readonly Step[] {
  const { credentials } = settings
  const authenticator = new Authenticator(settings)
  let authorization: string | undefined
  return [
    [
      'auth',
      async () => {
        try {
          const base = await authenticator.authorizeBase()
          authorization = base.authorization
          return describeLogin(base.scheme, credentials !== undefined)
        } catch (error) {
          const isRefused = error instanceof UpstreamError && error.kind === 'denied'
          if (!isRefused || credentials !== undefined) throw error
          return 'without a login; it gives a token for each repository alone'
        }
      },
    ],
    ['registry', () => askBase(settings, authorization)],
  ]
}

function describeLogin(scheme: Challenge['scheme'], hasLogin: boolean): string {
  if (scheme === 'none') return 'it wants no login'
  if (!hasLogin) {
    return scheme === 'bearer'
      ? 'without a login; it gives a token'
      : 'without a login, though it wants one: give username and password in mirrors.yaml'
  }
  return scheme === 'bearer' ? 'it takes the login, and gives a token' : 'with the login'
}

async function askBase(
  { upstream, transport, baseUrl, credentials, signal }: Settings,
  authorization: string | undefined,
): Promise<string> {
  const response = await transport.send({
    method: 'GET',
    url: new URL('/v2/', baseUrl),
    authorization,
    followRedirects: false,
    purpose: 'probe',
    signal,
  })
  await discardBody(response.body)
  const { status } = response
  if (status === 200 && response.header('content-type')?.startsWith('text/html')) {
    throw invalid('answers /v2/ with a page for people: is that a registry?')
  }
  if (status === 200) return 'it is a registry (200)'
  const isGuarded = status === 401 || status === 403
  if (isGuarded && credentials === undefined) return `it is a registry, and closed (${status})`
  if (isGuarded) throw invalid(`refuses the login at /v2/ (${status})`)
  if (status === 429) throw invalid('limits our requests at the moment (429)')
  throw invalid(`answers /v2/ with ${status}: is that a registry?`)

  function invalid(what: string): UpstreamError {
    return new UpstreamError(upstream, 'invalid', what, { status })
  }
}
