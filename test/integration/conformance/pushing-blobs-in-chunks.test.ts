import type { Section } from './case.ts'
import { runSection } from './run-section.ts'
import {
  accepted,
  begin,
  chunksOf,
  octets,
  patch,
  pushing,
  put,
  refused,
  state,
  taken,
} from './upload-steps.ts'

const inChunks: Section = {
  'one chunk with its range, then PUT': pushing((blob) => [
    begin,
    ...chunksOf(blob, blob.bytes.length),
    put(blob, undefined, taken(blob)),
  ]),
  'several chunks, then PUT': pushing(
    (blob) => [begin, ...chunksOf(blob, 1024), put(blob, undefined, taken(blob))],
    5000,
  ),
  'several chunks, the last of them in PUT': pushing((blob) => {
    const { bytes } = blob
    const last = { ...octets, 'content-range': `1024-${bytes.length - 1}` }
    return [
      begin,
      patch(bytes.subarray(0, 512), '0-511', accepted(512)),
      patch(bytes.subarray(512, 1024), '512-1023', accepted(1024)),
      { ...put(blob, bytes.subarray(1024), taken(blob)), headers: last },
    ]
  }, 1500),
  'chunks without ranges go behind each other': pushing((blob) => [
    begin,
    patch(blob.bytes.subarray(0, 100), undefined, accepted(100)),
    patch(blob.bytes.subarray(100), undefined, accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'chunks of a single byte': pushing(
    (blob) => [begin, ...chunksOf(blob, 1), put(blob, undefined, taken(blob))],
    5,
  ),
  'a stream, without length and range': pushing((blob) => [
    begin,
    { ...patch(blob.bytes, undefined, accepted(512)), isChunked: true },
    put(blob, undefined, taken(blob)),
  ]),
  'a chunk without a byte changes nothing': pushing((blob) => [
    begin,
    patch(Buffer.alloc(0), undefined, accepted(0)),
    patch(blob.bytes, undefined, accepted(512)),
    patch(Buffer.alloc(0), undefined, accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'a stream of three megabytes': pushing(
    (blob) => [
      begin,
      { ...patch(blob.bytes, undefined, accepted(3_000_000)), isChunked: true },
      put(blob, undefined, taken(blob)),
    ],
    3_000_000,
  ),
}

const outOfOrder: Section = {
  'a chunk too far ahead is refused, and the session goes on': pushing((blob) => [
    begin,
    patch(blob.bytes.subarray(200, 300), '200-299', refused('BLOB_UPLOAD_INVALID', 416)),
    state(0),
    patch(blob.bytes.subarray(0, 200), '0-199', accepted(200)),
    patch(blob.bytes.subarray(300), '300-511', refused('BLOB_UPLOAD_INVALID', 416)),
    state(200),
    patch(blob.bytes.subarray(200), '200-511', accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'a chunk that came already is refused, and the session goes on': pushing((blob) => [
    begin,
    patch(blob.bytes.subarray(0, 200), '0-199', accepted(200)),
    patch(blob.bytes.subarray(0, 200), '0-199', refused('BLOB_UPLOAD_INVALID', 416)),
    state(200),
    patch(blob.bytes.subarray(200), '200-511', accepted(512)),
    put(blob, undefined, taken(blob)),
  ]),
  'a last chunk in PUT that is out of order is refused, and the session goes on': pushing(
    (blob) => {
      const { bytes } = blob
      const headers = (range: string) => ({ ...octets, 'content-range': range })
      return [
        begin,
        patch(bytes.subarray(0, 200), '0-199', accepted(200)),
        {
          ...put(blob, bytes.subarray(300), refused('BLOB_UPLOAD_INVALID', 416)),
          headers: headers('300-511'),
        },
        state(200),
        { ...put(blob, bytes.subarray(200), taken(blob)), headers: headers('200-511') },
      ]
    },
  ),
  'a range that is none is refused, and the session goes on': pushing((blob) => [
    begin,
    patch(blob.bytes, 'all of it', refused('BLOB_UPLOAD_INVALID', 416)),
    patch(blob.bytes, '5-', refused('BLOB_UPLOAD_INVALID', 416)),
    patch(blob.bytes, '9-5', refused('BLOB_UPLOAD_INVALID', 416)),
    state(0),
    put(blob, blob.bytes, taken(blob)),
  ]),
  'a range of another length than the chunk is refused, and the session goes on': pushing(
    (blob) => [
      begin,
      patch(blob.bytes, '0-99', refused('SIZE_INVALID')),
      patch(blob.bytes, '0-999', refused('SIZE_INVALID')),
      state(0),
      put(blob, blob.bytes, taken(blob)),
    ],
  ),
}

runSection('§Pushing a blob in chunks', inChunks)
runSection('§Pushing a blob in chunks: out of order', outOfOrder)
