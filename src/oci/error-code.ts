/**
 * The one table of wire codes: distribution-spec 1.1 §Error Codes, and four that clients of
 * distribution know besides (PAGINATION_NUMBER_INVALID, RANGE_INVALID, UNAVAILABLE, UNKNOWN). Status and public message of
 * each; everything that leaves the server as an error is one of these.
 */
export const errorCodes = {
  BLOB_UNKNOWN: { status: 404, message: 'blob unknown to registry' },
  BLOB_UPLOAD_INVALID: { status: 400, message: 'blob upload invalid' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: 'blob upload unknown to registry' },
  DIGEST_INVALID: { status: 400, message: 'digest is not valid' },
  MANIFEST_BLOB_UNKNOWN: { status: 404, message: 'manifest references a blob that is not here' },
  MANIFEST_INVALID: { status: 400, message: 'manifest or its reference is not valid' },
  MANIFEST_UNKNOWN: { status: 404, message: 'manifest unknown to registry' },
  NAME_INVALID: { status: 400, message: 'repository name is not valid' },
  NAME_UNKNOWN: { status: 404, message: 'repository name not known to registry' },
  SIZE_INVALID: { status: 400, message: 'size is not valid' },
  UNAUTHORIZED: { status: 401, message: 'authentication required' },
  DENIED: { status: 403, message: 'access denied' },
  UNSUPPORTED: { status: 405, message: 'operation not supported' },
  TOOMANYREQUESTS: { status: 429, message: 'too many requests' },
  PAGINATION_NUMBER_INVALID: { status: 400, message: 'invalid number of results requested' },
  RANGE_INVALID: { status: 416, message: 'requested range cannot be satisfied' },
  UNAVAILABLE: { status: 503, message: 'service unavailable' },
  UNKNOWN: { status: 500, message: 'internal error' },
} as const

export type ErrorCode = keyof typeof errorCodes
/**
 * 502 is UNAVAILABLE where an upstream did answer, but with something that can't be right, and 507
 * where there is no room to keep what was pushed; 413 is MANIFEST_INVALID where it is too large; 408 is
 * UNSUPPORTED where a request takes too long to arrive, and 409 where something stands in the way that whoever asked can
 * take away.
 */
export type ErrorStatus = (typeof errorCodes)[ErrorCode]['status'] | 408 | 409 | 413 | 502 | 507
