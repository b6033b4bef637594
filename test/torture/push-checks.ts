import { type Ask, finish, type OpenUpload, type PushRecord } from './push-client.ts'
import type { PushedBlob, TortureImage } from './torture-images.ts'

/** What became of a blob in a repository: null if all of it is there. */
type Look = (image: TortureImage, blob: PushedBlob) => Promise<string | null>

/**
 * What a server that is back says against its promise: all that was acknowledged is there, whole, and
 * nothing else is there by half. In sentences; none if it kept it.
 */
export const findBrokenPromises = async (
  ask: Ask,
  records: readonly PushRecord[],
): Promise<readonly string[]> => {
  const look = makeLook(ask)
  const checks = records.map(async (record) => [
    ...(record.surprise === undefined ? [] : [record.surprise]),
    ...(await checkImage(ask, look, record)),
    ...(await checkBlobs(look, record)),
  ])
  return [...(await Promise.all(checks)).flat(), ...(await checkLatest(ask, records))]
}

/** Goes on with every upload that was open. Those whose end had been asked for may have come to it. */
export const resumeUploads = async (
  ask: Ask,
  records: readonly PushRecord[],
): Promise<readonly string[]> => {
  const resumed = records.flatMap((record) =>
    [...record.uploads].map((upload) => resumeUpload(ask, record, upload)),
  )
  return (await Promise.all(resumed)).flat()
}

const checkImage = async (
  ask: Ask,
  look: Look,
  { image, isAcknowledged }: PushRecord,
): Promise<readonly string[]> => {
  const faults: string[] = []
  for (const reference of [image.tag, image.digest]) {
    const path = `/v2/${image.repository}/manifests/${reference}`
    const { status, bytes } = await ask('GET', path)
    if (status === 200 && bytes.equals(image.manifest)) {
      // Also one that nobody was told of has all it needs.
      const looks = await Promise.all(image.blobs.map((blob) => look(image, blob)))
      faults.push(...looks.filter((it) => it !== null).map((it) => `${path} needs ${it}`))
    } else if (isAcknowledged || status !== 404)
      faults.push(`${path}, acknowledged: ${isAcknowledged}, is ${status}: ${bytes}`)
  }
  return faults
}

/** The tag that all of a repository move: it is at one of those that were said to be there, or asked to. */
const checkLatest = async (
  ask: Ask,
  records: readonly PushRecord[],
): Promise<readonly string[]> => {
  const acknowledged = records.filter(({ isAcknowledged }) => isAcknowledged)
  const repositories = new Set(acknowledged.map(({ image }) => image.repository))
  const checks = [...repositories].map(async (repository) => {
    const path = `/v2/${repository}/manifests/latest`
    const { status, bytes } = await ask('GET', path)
    const isOneOf = records.some(
      ({ image }) => image.repository === repository && image.manifest.equals(bytes),
    )
    return isOneOf ? [] : [`${path} is ${status}: ${bytes}`]
  })
  return (await Promise.all(checks)).flat()
}

const checkBlobs = async (look: Look, { image, blobs }: PushRecord): Promise<readonly string[]> => {
  const checks = image.blobs.map(async (blob) => {
    const found = await look(image, blob)
    return found !== null && (blobs.has(blob) || !isMissing(found)) ? [found] : []
  })
  return (await Promise.all(checks)).flat()
}

/** Reads each once, however many images have it. */
const makeLook = (ask: Ask): Look => {
  const known = new Map<string, Promise<string | null>>()
  return ({ repository }, blob) => {
    const path = `/v2/${repository}/blobs/${blob.digest}`
    const looking = known.get(path) ?? readBlob(ask, path, blob)
    known.set(path, looking)
    return looking
  }
}

const readBlob = async (ask: Ask, path: string, blob: PushedBlob): Promise<string | null> => {
  const { status, bytes } = await ask('GET', path)
  if (status === 200 && bytes.equals(blob.bytes)) return null
  return `${path}, which is ${status} with ${bytes.length} bytes`
}

const isMissing = (found: string): boolean => found.includes('which is 404')

const resumeUpload = async (
  ask: Ask,
  record: PushRecord,
  upload: OpenUpload,
): Promise<readonly string[]> => {
  const { path, blob, acknowledgedBytes, isEnding } = upload
  const { status, range } = await ask('GET', path)
  if (status === 404 && isEnding) return []
  const last = Number(range.split('-')[1])
  const has = last === 0 ? 0 : last + 1
  if (status !== 204 || !(has >= acknowledgedBytes && has <= blob.bytes.length))
    return [
      `${path}, of which ${acknowledgedBytes} bytes were acknowledged, is ${status}, ${range}`,
    ]
  upload.acknowledgedBytes = has
  try {
    await finish(ask, record, upload)
    return []
  } catch (error) {
    return [`${path} can't be gone on with: ${error}`]
  }
}
