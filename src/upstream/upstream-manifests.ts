import { manifestAccept } from '../oci/media-type.ts'
import { isFallbackTag, type Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Asking, Question } from './asking.ts'
import {
  type FetchedManifest,
  type ManifestHead,
  readManifestAnswer,
  readManifestHead,
} from './manifest-answer.ts'
import type { RegistryEndpoint } from './registry-endpoint.ts'
import { discardBody } from './response-body.ts'
import type { TransportResponse } from './transport.ts'
import { UpstreamError, WrongContentError } from './upstream-error.ts'
import type { Surroundings } from './upstream-settings.ts'

type Listener = Pick<Surroundings, 'onWrongContent'>

const answerDeadlineMs = 60_000

/** An upstream's manifests, by tag and by digest. */
export class UpstreamManifests {
  readonly #upstream: UpstreamName
  readonly #asking: Asking
  readonly #listener: Listener

  constructor(upstream: UpstreamName, asking: Asking, listener: Listener) {
    this.#upstream = upstream
    this.#asking = asking
    this.#listener = listener
  }

  /** Undefined where upstream's answer to HEAD doesn't say enough and a GET must. Throws UpstreamError. */
  head(repository: Repository, reference: Reference): Promise<ManifestHead | undefined> {
    return this.#asking.ask(toQuestion(repository, reference), async (endpoint) => {
      const asked = request(endpoint, 'HEAD', { repository, reference })
      const response = await asked.catch(undefinedIfNotAllowed)
      if (!response) return undefined
      await discardBody(response.body)
      return readManifestHead(reference, response)
    })
  }

  /** The bytes as they are, at most 4 MiB, digest checked and form read. Throws UpstreamError. */
  fetch(repository: Repository, reference: Reference): Promise<FetchedManifest> {
    return this.#asking.ask(toQuestion(repository, reference), async (endpoint) => {
      const response = await request(endpoint, 'GET', { repository, reference })
      try {
        return await readManifestAnswer(this.#upstream, reference, response)
      } catch (error) {
        if (error instanceof WrongContentError) this.#listener.onWrongContent?.(error)
        throw error
      }
    })
  }
}

function toQuestion(repository: Repository, reference: Reference): Question {
  const isAboutReferrers = isFallbackTag(reference)
  return { key: `manifest ${repository} ${reference}`, isAboutReferrers }
}

function request(
  endpoint: RegistryEndpoint,
  method: 'GET' | 'HEAD',
  { repository, reference }: { repository: Repository; reference: Reference },
): Promise<TransportResponse> {
  return endpoint.request({
    method,
    path: `/v2/${repository}/manifests/${reference}`,
    repository,
    reference,
    headers: { accept: manifestAccept },
    signal: AbortSignal.timeout(answerDeadlineMs),
  })
}

/** 405 on HEAD: some registries know only GET. */
function undefinedIfNotAllowed(error: unknown): undefined {
  if (error instanceof UpstreamError && error.status === 405) return undefined
  throw error
}
