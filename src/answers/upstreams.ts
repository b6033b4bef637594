import type { UpstreamState } from '../upstream/upstream-state.ts'

/** `GET /api/v1/upstreams`: as they are now. For who may not see names, without accounts and addresses. */
export type UpstreamsAnswer = { readonly upstreams: readonly UpstreamState[] }
