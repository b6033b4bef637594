import { readAnnotations } from './annotations.ts'

/** What people want to know of an image's configuration (image-spec, config.md). */
export type ImageConfig = {
  readonly created: string | undefined
  readonly os: string | undefined
  readonly architecture: string | undefined
  readonly variant: string | undefined
  readonly user: string | undefined
  readonly workingDir: string | undefined
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly env: readonly string[]
  readonly exposedPorts: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly history: readonly HistoryEntry[]
}

/** A step by which the image was made; one that is empty has no layer. */
export type HistoryEntry = {
  readonly created: string | undefined
  readonly command: string | undefined
  readonly comment: string | undefined
  readonly isEmpty: boolean
}

/** No image has as many steps, nor steps as long: what is beyond isn't told. */
const mostSteps = 1000
const longestStep = 10_000

const configTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
])

/** An artifact's configuration may be anything. */
export function isImageConfig(mediaType: string): boolean {
  return configTypes.has(mediaType)
}

/** Undefined for what is no JSON object; what has another form than it should is left out. */
export function readImageConfig(bytes: Uint8Array): ImageConfig | undefined {
  const document = parseObject(bytes)
  if (!document) return undefined
  const run = asObject(document.config)
  return {
    created: asText(document.created),
    os: asText(document.os),
    architecture: asText(document.architecture),
    variant: asText(document.variant),
    user: asText(run.User),
    workingDir: asText(run.WorkingDir),
    entrypoint: asTexts(run.Entrypoint),
    cmd: asTexts(run.Cmd),
    env: asTexts(run.Env),
    exposedPorts: Object.keys(asObject(run.ExposedPorts)),
    labels: readAnnotations(run.Labels) ?? {},
    history: asHistory(document.history),
  }
}

/** The step that made each of so many layers; of none where there is another number of them than of layers. */
export function stepsOfLayers(
  history: readonly HistoryEntry[],
  layerCount: number,
): readonly HistoryEntry[] {
  const steps = history.filter(({ isEmpty }) => !isEmpty)
  return steps.length === layerCount ? steps : []
}

function asHistory(value: unknown): readonly HistoryEntry[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, mostSteps).map((each) => {
    const { created, created_by, comment, empty_layer } = asObject(each)
    return {
      created: asText(created)?.slice(0, longestStep),
      command: asText(created_by)?.slice(0, longestStep),
      comment: asText(comment)?.slice(0, longestStep),
      isEmpty: empty_layer === true,
    }
  })
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function asTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
