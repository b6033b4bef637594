import type { Given, Section, Step } from './case.ts'
import { type Content, describeContent, tagged, types } from './content.ts'
import { runSection } from './run-section.ts'

const sbom = 'application/vnd.example.sbom.v1'
const signature = 'application/vnd.example.signature.v1+json; a=b'

type Referrer = { readonly content: Content; readonly listed: object }

/** A subject, and what refers to it: an artifact of each kind. */
function situation({ make }: Given) {
  const subject = make.image([], { annotations: { is: 'subject' } })
  const bare = { subject: describeContent(subject) }
  const annotations = { 'org.example.format': 'json', 'org.opencontainers.image.created': '2026' }
  const referrers: Referrer[] = [
    list(make.image([], { ...bare, artifactType: sbom, annotations }, make.empty), {
      artifactType: sbom,
      annotations,
    }),
    list(make.image([], { ...bare, artifactType: signature }, make.empty), {
      artifactType: signature,
    }),
    // Its config says what it is.
    list(make.image([], bare), { artifactType: types.config }),
    list(make.image([], { ...bare, artifactType: '', annotations }, make.config), {
      artifactType: types.config,
      annotations,
    }),
    list(make.index([], { ...bare, annotations }), { annotations }),
    list(make.index([], { ...bare, artifactType: sbom }), { artifactType: sbom }),
  ]
  const contents = [make.config, make.empty, subject, ...referrers.map(({ content }) => content)]
  return { subject, referrers, contents }
}

function list(content: Content, more: object): Referrer {
  return { content, listed: describeContent(content, more) }
}

function answer(digest: string, referrers: readonly Referrer[], artifactType?: string): Step {
  const query =
    artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
  const manifests = referrers
    .toSorted((a, b) => (a.content.digest < b.content.digest ? -1 : 1))
    .map(({ listed }) => listed)
  return {
    send: ['GET', `referrers/${digest}${query}`],
    expect: {
      status: 200,
      headers: {
        'Content-Type': types.index,
        'OCI-Filters-Applied': artifactType === undefined ? undefined : 'artifactType',
        'X-Entrepot-Cache': 'hosted',
        Link: undefined,
      },
      json: { schemaVersion: 2, mediaType: types.index, manifests },
    },
  }
}

const filtered =
  (artifactType: string, at: readonly number[]): Section[string] =>
  (given) => {
    const { subject, referrers, contents } = situation(given)
    const wanted = referrers.filter((_, number) => at.includes(number))
    return { given: contents, steps: [answer(subject.digest, wanted, artifactType)] }
  }

const section: Section = {
  'all that refers to a subject, with its type and annotations': (given) => {
    const { subject, referrers, contents } = situation(given)
    return { given: contents, steps: [answer(subject.digest, referrers)] }
  },
  'those of one artifactType': filtered(sbom, [0, 5]),
  'those of an artifactType that has to be escaped': filtered(signature, [1]),
  "those of a config's type": filtered(types.config, [2, 3]),
  'none of an artifactType that nothing has': filtered('application/vnd.example.none', []),
  'a subject that nothing refers to has an empty list': ({ make }) => {
    const subject = make.image([], { annotations: { is: 'lonely' } })
    return { given: [make.config, subject], steps: [answer(subject.digest, [])] }
  },
  'a digest that was never pushed has an empty list': ({ make }) => ({
    steps: [answer(make.digest(Buffer.from('never')), [])],
  }),
  'a subject that is missing has its referrers': ({ make }) => {
    const missing = make.image([], { annotations: { is: 'missing' } })
    const content = make.image([], { subject: describeContent(missing) })
    const referrer = list(content, { artifactType: types.config })
    return { given: [make.config, content], steps: [answer(missing.digest, [referrer])] }
  },
  'a referrer of a referrer refers to that alone': ({ make }) => {
    const first = make.image([], { annotations: { is: 'first' } })
    const second = make.image([], { subject: describeContent(first) })
    const third = make.image([], { subject: describeContent(second), artifactType: sbom })
    return {
      given: [make.config, first, second, third],
      steps: [
        answer(first.digest, [list(second, { artifactType: types.config })]),
        answer(second.digest, [list(third, { artifactType: sbom })]),
      ],
    }
  },
  'a tag of a referrer changes nothing': ({ make }) => {
    const subject = make.image([], { annotations: { is: 'subject' } })
    const content = make.index([], { subject: describeContent(subject) })
    return {
      // Pushed by tag it has another digest where that is of sha512: so both ways are of one.
      given: [make.config, subject, content],
      steps: [
        {
          send: ['PUT', `manifests/${content.digest}?tag=tagged`],
          body: content.bytes,
          expect: { status: 201, stored: content, headers: { 'OCI-Subject': subject.digest } },
        },
        answer(subject.digest, [list(content, {})]),
      ],
    }
  },
  'a referrer that is removed is not listed': (given) => {
    const { subject, referrers, contents } = situation(given)
    const [first, ...others] = referrers
    return {
      given: contents,
      steps: [
        { send: ['DELETE', `manifests/${first?.content.digest}`], expect: { status: 202 } },
        answer(subject.digest, others),
      ],
    }
  },
  'a subject that is removed keeps its referrers': (given) => {
    const { subject, referrers, contents } = situation(given)
    return {
      given: contents,
      steps: [
        { send: ['DELETE', `manifests/${subject.digest}`], expect: { status: 202 } },
        answer(subject.digest, referrers),
      ],
    }
  },
  'referrers of another repository are not listed': (given) => {
    const { subject, referrers, contents } = situation(given)
    const steps = [answer(subject.digest, [])]
    const elsewhere = answer(subject.digest, referrers)
    const path = `/v2/${given.other}/${elsewhere.send[1]}`
    return {
      givenElsewhere: contents,
      steps: [...steps, { ...elsewhere, send: ['GET', path] }],
    }
  },
  'a digest that is none is refused': () => ({
    steps: [
      {
        send: ['GET', 'referrers/sha256:baddigeststring'],
        expect: { status: 400, error: 'DIGEST_INVALID' },
      },
    ],
  }),
  'a tag is no digest': ({ make }) => ({
    given: [make.config, tagged(make.image([]), 'v1')],
    steps: [{ send: ['GET', 'referrers/v1'], expect: { status: 400, error: 'DIGEST_INVALID' } }],
  }),
}

runSection('§Listing Referrers', section)
