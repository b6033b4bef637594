import type {
  ImageAnswer,
  LayerAnswer,
  ListedAnswer,
  PartAnswer,
  ReferrerAnswer,
  StepAnswer,
} from '../answers/image.ts'
import type {
  Inspection,
  KeptPart,
  LayerPart,
  ListedImage,
  Referrer,
} from '../catalog/any-catalog.ts'
import { isDigest } from '../oci/digest.ts'
import type { HistoryEntry } from '../oci/image-config.ts'
import type { Reference } from '../oci/reference.ts'
import { formatSource, type Source } from '../oci/source.ts'

type MayPull = (source: Source) => boolean

/** Of those that share a layer. */
const mostNamed = 5

/**
 * As the API has it: sizes in bytes, times as ISO 8601 has them; what isn't known isn't there. Of other
 * repositories only those are named, and counted, that whoever asks may pull.
 */
export function toJsonInspection(
  inspection: Inspection,
  mayPull: MayPull,
): Omit<ImageAnswer, 'pinnedBy' | 'may'> {
  const { config, isHosted, sizeBytes, manifestBytes, ...rest } = inspection
  const { createdAt, storedAt, lastPulledAt, manifests, layers, referrers, ...plain } = rest
  const { history = [], ...content } = config?.content ?? {}
  return {
    ...plain,
    hosted: isHosted,
    size: sizeBytes,
    manifestSize: manifestBytes,
    created: toTime(createdAt),
    stored: new Date(storedAt).toISOString(),
    lastPull: toTime(lastPulledAt),
    manifests: manifests.map(toJsonListed),
    config: config && { ...toJsonPart(config), ...content },
    history: history.map(toJsonStep),
    layers: layers.map((layer) => toJsonLayer(layer, mayPull)),
    referrers: referrers.map(toJsonReferrer),
  }
}

export function toTime(at: number): string
export function toTime(at: number | undefined): string | undefined
export function toTime(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

/** As it is pulled. */
export function formatImage(source: Source, reference: Reference): string {
  return `${formatSource(source)}${isDigest(reference) ? '@' : ':'}${reference}`
}

function toJsonPart({ digest, mediaType, sizeBytes, isKept }: KeptPart): PartAnswer {
  return { digest, mediaType, size: sizeBytes, kept: isKept }
}

function toJsonListed({ platform, attests, ...part }: ListedImage): ListedAnswer {
  const { imageBytes: imageSize, keptBytes: keptSize } = part
  return { platform, attests, ...toJsonPart(part), imageSize, keptSize }
}

function toJsonStep({ command, created, comment, isEmpty }: HistoryEntry): StepAnswer {
  return { command, created, comment, empty: isEmpty }
}

function toJsonLayer(
  { step, sharing, isSharedByMore, ...part }: LayerPart,
  mayPull: MayPull,
): LayerAnswer {
  const visible = sharing.filter(({ source }) => mayPull(source))
  const names = visible.map(({ source, reference }) => formatImage(source, reference))
  const shared = {
    count: visible.length,
    more: isSharedByMore && visible.length === sharing.length,
    images: [...new Set(names)].slice(0, mostNamed),
  }
  return { ...toJsonPart(part), command: step?.command, created: step?.created, shared }
}

function toJsonReferrer({ artifactType, tag, referrers, ...part }: Referrer): ReferrerAnswer {
  return { ...toJsonPart(part), artifactType, tag, referrers: referrers.map(toJsonReferrer) }
}
