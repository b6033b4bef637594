import type { z } from 'zod'
import type { PostgresConfig, S3Config, StoreConfig } from './config.ts'
import { parsePostgresUrl, parseWebUrl } from './network-values.ts'
import { parseSecret, parseText } from './plain-values.ts'
import {
  type BrokenRule,
  choice,
  optional,
  optionalText,
  required,
  section,
  withRules,
} from './setting.ts'
import { ValueError } from './value-error.ts'

type BlobsConfig = StoreConfig['blobs']

interface BucketFolder {
  readonly bucket: string
  readonly prefix: string
}

const s3Shape = {
  url: required(parseS3Url),
  endpoint: optional(parseWebUrl),
  region: optional(parseText),
  accessKeyId: optionalText(parseSecret),
  secretAccessKey: optionalText(parseSecret),
}

type S3Settings = z.output<z.ZodObject<typeof s3Shape>>

const s3Object: z.ZodType<BlobsConfig> = withRules(section(s3Shape), findHalfCredentials).transform(
  ({ url, ...same }): S3Config => ({ kind: 's3', ...url, ...same }),
)

const blobsText: z.ZodType<BlobsConfig> = required(parseBlobsText)

/** Where content and metadata are kept. */
export const storeSchema = section({
  blobs: choice((value) => (typeof value === 'object' && value !== null ? s3Object : blobsText)),
  metadata: required(parseMetadata),
})

function parseBlobsText(value: unknown): BlobsConfig {
  if (value === undefined || value === null || value === 'file') return { kind: 'file' }
  if (typeof value !== 'string' || !value.startsWith('s3://')) {
    throw new ValueError(value, 'file, s3://bucket/prefix, or a mapping with url, endpoint, region')
  }
  const none = undefined
  const defaults = { endpoint: none, region: none, accessKeyId: none, secretAccessKey: none }
  return { kind: 's3', ...parseS3Url(value), ...defaults }
}

function parseMetadata(value: unknown): { readonly kind: 'sqlite' } | PostgresConfig {
  if (value === undefined || value === null || value === 'sqlite') return { kind: 'sqlite' }
  return { kind: 'postgres', url: parsePostgresUrl(value) }
}

function parseS3Url(value: unknown): BucketFolder {
  const pattern = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/+([^?#]*))?$/
  const match = typeof value === 'string' ? pattern.exec(value) : null
  if (!match) throw new ValueError(value, 's3://bucket/prefix')
  return { bucket: match[1] ?? '', prefix: (match[2] ?? '').replace(/\/+$/, '') }
}

function findHalfCredentials(settings: S3Settings): BrokenRule | undefined {
  const hasId = settings.accessKeyId !== undefined
  if (hasId === (settings.secretAccessKey !== undefined)) return undefined
  const wanted = 'accessKeyId and secretAccessKey, or neither of them'
  return { path: [hasId ? 'secretAccessKey' : 'accessKeyId'], found: 'nothing', wanted }
}
