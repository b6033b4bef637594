/** Names and texts, as manifests and descriptors bear them (image-spec, annotations.md); undefined where there are none. */
export function readAnnotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const values: unknown[] = Object.values(value)
  if (values.length === 0) return undefined
  // Tens of thousands of them take longer to copy than to read.
  if (values.every(isText) && !Array.isArray(value)) return value as Record<string, string>
  const texts = Object.entries(value).filter(([, text]) => isText(text))
  return texts.length > 0 ? Object.fromEntries(texts) : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export const createdAnnotation = 'org.opencontainers.image.created'
export const descriptionAnnotation = 'org.opencontainers.image.description'
