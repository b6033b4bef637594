/** Names and texts, as manifests and descriptors bear them (image-spec, annotations.md); undefined where there are none. */
export function readAnnotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const texts = Object.entries(value).filter(([, text]) => typeof text === 'string')
  return texts.length > 0 ? Object.fromEntries(texts) : undefined
}

export const createdAnnotation = 'org.opencontainers.image.created'
export const descriptionAnnotation = 'org.opencontainers.image.description'
