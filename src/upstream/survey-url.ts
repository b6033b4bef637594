import type { Repository } from '../oci/repository.ts'
import { dockerHub, type UpstreamName } from '../oci/upstream-name.ts'
import { describeBudget } from './describe-url.ts'
import type { RegistryEndpoint } from './registry-endpoint.ts'
import { discardBody } from './response-body.ts'
import { UpstreamError } from './upstream-error.ts'
import type { BudgetState } from './upstream-state.ts'

/** How one URL does, asked on purpose. */
export type UrlSurvey = {
  readonly url: string
  /** How long it took to answer; absent where it didn't. */
  readonly milliseconds?: number
  readonly login?: 'accepted' | 'anonymous'
  readonly budget?: BudgetState
  /** What is wrong, fit for anyone to read. */
  readonly problem?: string
}

type Settings = { readonly elapsedMs: () => number; readonly deadlineMs: number }

/** Docker Hub's own image for the purpose: a HEAD of it says what is left, and doesn't count. */
const budgetImage = '/v2/ratelimitpreview/test/manifests/latest'
const budgetRepository = 'ratelimitpreview/test' as Repository

export async function surveyUrl(
  upstream: UpstreamName,
  endpoint: RegistryEndpoint,
  { elapsedMs, deadlineMs }: Settings,
): Promise<UrlSurvey> {
  const url = endpoint.baseUrl.origin
  const startedAt = elapsedMs()
  let answered: { milliseconds?: number; login?: 'accepted' | 'anonymous' } = {}
  try {
    const oddity = await endpoint.probe(deadlineMs)
    answered = { milliseconds: Math.round(elapsedMs() - startedAt) }
    if (oddity) {
      return {
        url,
        ...answered,
        problem: `${upstream} answers /v2/ with ${oddity}: is that a registry?`,
      }
    }
    answered = { ...answered, login: await endpoint.checkLogin() }
    if (upstream === dockerHub) await askForBudget(endpoint, deadlineMs)
    return { url, ...answered, ...describeBudget(endpoint, elapsedMs()) }
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    return { url, ...answered, problem: error.message }
  }
}

async function askForBudget(endpoint: RegistryEndpoint, deadlineMs: number): Promise<void> {
  const asked = endpoint.request({
    method: 'HEAD',
    path: budgetImage,
    repository: budgetRepository,
    signal: AbortSignal.timeout(deadlineMs),
  })
  const response = await asked.catch(undefinedIfRefused)
  if (response) await discardBody(response.body)
}

/** A registry in Docker Hub's place needn't have the image, and does well all the same. */
function undefinedIfRefused(error: unknown): undefined {
  if (!(error instanceof UpstreamError) || error.isTemporary) throw error
}
