import { location, type Section } from './case.ts'
import { runSection } from './run-section.ts'
import {
  accepted,
  begin,
  failing,
  octets,
  patch,
  put,
  refused,
  uploads,
  wrong,
} from './upload-steps.ts'

const wrongDigests: Section = {
  'a wrong digest of a single POST': failing((blob) => [
    {
      send: ['POST', `${uploads}?digest=${blob.digest}`],
      headers: octets,
      body: wrong,
      expect: refused('DIGEST_INVALID'),
    },
  ]),
  'a wrong digest of a PUT, after which the session goes on': failing(
    (blob) => [begin, put(blob, wrong, refused('DIGEST_INVALID'))],
    wrong.length,
  ),
  'a wrong digest after chunks': failing((blob) => [
    begin,
    patch(blob.bytes.subarray(0, 200), '0-199', accepted(200)),
    put(blob, wrong, refused('DIGEST_INVALID')),
  ]),
  'a wrong digest after a stream': failing((blob) => [
    begin,
    { ...patch(wrong, undefined, accepted(wrong.length)), isChunked: true },
    put(blob, undefined, refused('DIGEST_INVALID')),
  ]),
  'a digest that is none, of a single POST': failing((blob) => [
    {
      send: ['POST', `${uploads}?digest=sha256:baddigeststring`],
      headers: octets,
      body: blob.bytes,
      expect: refused('DIGEST_INVALID'),
    },
  ]),
  'a digest that is none, of a PUT': failing(
    (blob) => [
      begin,
      {
        send: ['PUT', location('digest=sha256:baddigeststring')],
        body: blob.bytes,
        expect: refused('DIGEST_INVALID'),
      },
    ],
    0,
  ),
  'a digest of an algorithm that is not known': failing(
    (blob) => [
      begin,
      {
        send: ['PUT', location(`digest=md5:${'0'.repeat(32)}`)],
        body: blob.bytes,
        expect: refused('DIGEST_INVALID'),
      },
    ],
    0,
  ),
  'a PUT without a digest': failing(
    (blob) => [
      begin,
      { send: ['PUT', location()], body: blob.bytes, expect: refused('DIGEST_INVALID') },
    ],
    0,
  ),
}

runSection('§Pushing blobs: wrong digests', wrongDigests)
