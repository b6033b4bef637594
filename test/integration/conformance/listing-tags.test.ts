import type { Case, Given, Section, Step } from './case.ts'
import { type Content, tagged } from './content.ts'
import { runSection } from './run-section.ts'

/** Pushed in this order; told in that of their bytes. */
const pushed = ['v1', 'latest', 'V1', '1.0', '_x', 'v1-rc', 'v10', 'v1.1', '10', '2']
const sorted = ['1.0', '10', '2', 'V1', '_x', 'latest', 'v1', 'v1-rc', 'v1.1', 'v10']

function contents({ make }: Given): Content[] {
  const image = make.image([], { annotations: { is: 'tagged' } })
  return [make.config, ...pushed.map((tag) => tagged(image, tag))]
}

function page(
  { repository }: Given,
  query: string,
  { tags, next }: { tags: readonly string[]; next?: string },
): Step {
  const link = next === undefined ? undefined : `</v2/${repository}/tags/list?${next}>; rel="next"`
  return {
    send: ['GET', `tags/list${query}`],
    expect: {
      status: 200,
      headers: { 'Content-Type': 'application/json', Link: link, 'X-Entrepot-Cache': 'hosted' },
      json: { name: repository, tags },
    },
  }
}

const listing =
  (query: string, tags: readonly string[], next?: string) =>
  (given: Given): Omit<Case, 'name'> => ({
    given: contents(given),
    steps: [page(given, query, { tags, ...(next !== undefined && { next }) })],
  })

const refused =
  (query: string): Section[string] =>
  (given) => ({
    given: contents(given),
    steps: [
      {
        send: ['GET', `tags/list${query}`],
        expect: { status: 400, error: 'PAGINATION_NUMBER_INVALID' },
      },
    ],
  })

const section: Section = {
  'all tags, in the order of their bytes': listing('', sorted),
  'a repository without tags has an empty list': (given) => ({
    steps: [page(given, '', { tags: [] })],
  }),
  'n=3 gives the first three, and where the next are': listing(
    '?n=3',
    sorted.slice(0, 3),
    'n=3&last=2',
  ),
  'n=0 gives none, and no next': listing('?n=0', []),
  'n of all there are has no next': listing('?n=10', sorted),
  'n of more than there are has no next': listing('?n=11', sorted),
  'n=900000000 gives all': listing('?n=900000000', sorted),
  'last without n gives all behind it': listing('?last=v1', ['v1-rc', 'v1.1', 'v10']),
  'n and last give a page': listing('?n=2&last=2', ['V1', '_x'], 'n=2&last=_x'),
  'last need not be in the list': listing('?n=2&last=a', ['latest', 'v1'], 'n=2&last=v1'),
  'last of no tag is taken as it is': listing('?last=%21%21', sorted),
  'last behind all gives none': listing('?last=zzz', []),
  'an empty last is none': listing('?last=', sorted),
  'the pages together are the list': (given) => {
    const pages = [0, 3, 6, 9].map((start) => {
      const tags = sorted.slice(start, start + 3)
      const last = start === 0 ? '' : `&last=${sorted[start - 1]}`
      const next = start === 9 ? {} : { next: `n=3&last=${tags.at(-1)}` }
      return page(given, `?n=3${last}`, { tags, ...next })
    })
    return { given: contents(given), steps: pages }
  },
  'n=-1 is refused': refused('?n=-1'),
  'n=9e9 is refused': refused('?n=9e9'),
  'n of garbage is refused': refused('?n=ten'),
  'n of more digits than a number has is refused': refused(`?n=${'9'.repeat(400)}`),
  'a tag that is removed is not listed': (given) => ({
    given: contents(given),
    steps: [
      { send: ['DELETE', 'manifests/V1'], expect: { status: 202 } },
      page(given, '', { tags: sorted.filter((tag) => tag !== 'V1') }),
    ],
  }),
  'HEAD has no body': (given) => ({
    given: contents(given),
    steps: [{ send: ['HEAD', 'tags/list'], expect: { status: 200, body: Buffer.alloc(0) } }],
  }),
  'a repository that nobody has is not known': ({ other }) => ({
    steps: [
      { send: ['GET', `/v2/${other}/tags/list`], expect: { status: 404, error: 'NAME_UNKNOWN' } },
    ],
  }),
}

runSection('§Listing Tags', section)
