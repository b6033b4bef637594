/** Names of headers that registries and clients use (distribution-spec 1.1), and our own. */
export const dockerContentDigest = 'Docker-Content-Digest'
export const dockerApiVersion = 'Docker-Distribution-Api-Version'
export const ociNamespace = 'OCI-Namespace'
export const dockerUploadUuid = 'Docker-Upload-UUID'
export const ociSubject = 'OCI-Subject'
export const ociTag = 'OCI-Tag'
export const ociFiltersApplied = 'OCI-Filters-Applied'
/** How an answer came about: hit, miss, stale, pass or hosted. */
export const entrepotCache = 'X-Entrepot-Cache'
