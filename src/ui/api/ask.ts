/** Why an answer didn't come, in words for whoever looks at the page. */
export class ApiError extends Error {
  /** 0 where the server couldn't be reached. */
  readonly status: number
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export type Asking = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** `images?repository=team%2Fapp`: what is undefined is left out. */
export function withQuery(path: string, query: Query): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return entries.length === 0 ? path : `${path}?${new URLSearchParams(entries)}`
}

/** Where the API is, as seen from the page: under whatever path a proxy has put both. */
export function apiUrl(path: string): string {
  return new URL(`../api/v1/${path}`, document.baseURI).href
}

/** A connection that died silently, as when a laptop wakes up elsewhere, would be waited for without end. */
const longestReadMs = 30_000
const lateMessage = `The server has not answered for ${longestReadMs / 1000} s. Is it busy, or is the network slow?`
const unreachedMessage =
  'The server can’t be reached. Is it running, and is this machine still in its network?'

/** Asks the API. Rejects with an ApiError for whatever isn't a good answer. */
export async function ask<Answer>(path: string, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', body, signal } = asking
  // Something that is done may take its time.
  const late = method === 'GET' ? AbortSignal.timeout(longestReadMs) : undefined
  const signals = [signal, late].filter((each) => each !== undefined)
  try {
    const response = await fetch(apiUrl(path), {
      method,
      signal: AbortSignal.any(signals),
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      }),
    })
    if (!response.ok) throw await readError(response)
    return (await response.json()) as Answer
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error
    throw late?.aborted ? new ApiError(408, lateMessage) : new ApiError(0, unreachedMessage)
  }
}

async function readError(response: Response): Promise<ApiError> {
  const { status } = response
  const after = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const said = await readSaid(response)
  const message = said ?? `The server answered ${status} and didn’t say why. Its log may.`
  return new ApiError(status, message, Number.isFinite(after) ? after : undefined)
}

/** A proxy between us and the server answers in another form. */
async function readSaid(response: Response): Promise<string | undefined> {
  try {
    const { error } = (await response.json()) as { readonly error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}
