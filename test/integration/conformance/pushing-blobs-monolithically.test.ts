import { location, type Section } from './case.ts'
import { runSection } from './run-section.ts'
import { begin, octets, pulled, pushing, put, taken, uploads } from './upload-steps.ts'

const monolithic: Section = {
  'POST, then PUT with all of it': pushing((blob) => [begin, put(blob, blob.bytes, taken(blob))]),
  'PUT may be in chunks of HTTP, without a length': pushing((blob) => [
    begin,
    { ...put(blob, blob.bytes, taken(blob)), isChunked: true },
  ]),
  'PUT may say what range it sends': pushing((blob) => [
    begin,
    {
      ...put(blob, blob.bytes, taken(blob)),
      headers: { ...octets, 'content-range': `0-${blob.bytes.length - 1}` },
    },
  ]),
  'a single POST with all of it': pushing((blob) => [
    {
      send: ['POST', `${uploads}?digest=${blob.digest}`],
      headers: octets,
      body: blob.bytes,
      expect: taken(blob),
    },
  ]),
  'a single POST in chunks of HTTP': pushing((blob) => [
    {
      send: ['POST', `${uploads}?digest=${blob.digest}`],
      headers: octets,
      body: blob.bytes,
      isChunked: true,
      expect: taken(blob),
    },
  ]),
  'POST without the last slash': pushing((blob) => [
    { ...begin, send: ['POST', 'blobs/uploads'] },
    put(blob, blob.bytes, taken(blob)),
  ]),
  'POST may say which algorithm will be used': pushing((blob, { algorithm }) => [
    { ...begin, send: ['POST', `${uploads}?digest-algorithm=${algorithm}`] },
    put(blob, blob.bytes, taken(blob)),
  ]),
  'a blob without a byte, in two requests': ({ make }) => {
    const blob = make.blobOf('')
    return { steps: [begin, put(blob, undefined, taken(blob)), ...pulled(blob)] }
  },
  'a blob without a byte, in a single POST': ({ make }) => {
    const blob = make.blobOf('')
    const send = ['POST', `${uploads}?digest=${blob.digest}`] as const
    return { steps: [{ send, headers: octets, expect: taken(blob) }, ...pulled(blob)] }
  },
  'the empty object of JSON': ({ make }) => {
    const blob = make.empty
    return { steps: [begin, put(blob, blob.bytes, taken(blob)), ...pulled(blob)] }
  },
  'a blob that is there already is taken again': (given) => {
    const blob = given.make.blob('again')
    return { given: [blob], steps: [begin, put(blob, blob.bytes, taken(blob)), ...pulled(blob)] }
  },
  'a blob of ten megabytes': pushing(
    (blob) => [begin, put(blob, blob.bytes, taken(blob))],
    10_000_000,
  ),
  'a digest in the query may be escaped': pushing((blob) => [
    begin,
    {
      send: ['PUT', location(`digest=${encodeURIComponent(blob.digest)}`)],
      headers: octets,
      body: blob.bytes,
      expect: taken(blob),
    },
  ]),
}

runSection('§Pushing a blob monolithically', monolithic)
