import type { Inspection, KeptPart } from '../catalog/any-catalog.ts'

/** As the API has it: sizes in bytes, times as ISO 8601 has them; what isn't known isn't there. */
export function toJsonInspection(inspection: Inspection) {
  const { config, isHosted, sizeBytes, manifestBytes, ...rest } = inspection
  const { createdAt, lastPulledAt, manifests, layers, referrers, ...plain } = rest
  return {
    ...plain,
    hosted: isHosted,
    size: sizeBytes,
    manifestSize: manifestBytes,
    created: toTime(createdAt),
    lastPull: toTime(lastPulledAt),
    manifests: manifests.map(({ platform, ...part }) => ({ platform, ...toJsonPart(part) })),
    config: config && { ...toJsonPart(config), ...config.content },
    layers: layers.map(toJsonPart),
    referrers: referrers.map(({ sizeBytes: size, ...referrer }) => ({ ...referrer, size })),
  }
}

export function toTime(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

function toJsonPart({ digest, mediaType, sizeBytes, isKept }: KeptPart) {
  return { digest, mediaType, size: sizeBytes, kept: isKept }
}
