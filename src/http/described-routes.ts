/** Whom a route answers. */
export type Who =
  /** Whoever comes, if what is brought is right. */
  | 'anybody'
  /** Whoever may pull anything. */
  | 'reader'
  /** Whoever may pull the repository, or all of them where it is about all. */
  | 'pull'
  | 'push'
  | 'delete'
  | 'logged in'
  | 'admin'

/** Of a field or a parameter; with `?` it may be left out. */
type Kind = 'text' | 'texts' | 'number' | 'flag' | 'object' | 'objects'
export type Described = {
  readonly summary: string
  readonly who: Who
  readonly query?: Readonly<Record<string, Kind | `${Kind}?`>>
  readonly body?: Readonly<Record<string, Kind | `${Kind}?`>>
  /** Where it isn't JSON. */
  readonly answers?: readonly string[]
}

/** Of what is asked for in parts. */
const listed = {
  search: 'text?',
  sort: 'text?',
  offset: 'number?',
  after: 'text?',
  limit: 'number?',
} as const

/**
 * Every route of `/api/v1`, by method and path below it: what `/openapi.json` is made of, and what a path that
 * isn't there is told. Whoever adds a route adds a line here.
 */
export const describedRoutes: Readonly<Record<string, Described>> = {
  'GET /access': { summary: 'what mirrors.yaml says of who may what', who: 'admin' },
  'GET /access/try': {
    summary: 'may this user, token or anybody do that, and which setting decides',
    who: 'admin',
    query: { user: 'text', action: 'text', repository: 'text' },
  },
  'GET /attention': { summary: 'what needs a person, the worst first', who: 'reader' },
  'GET /audit': {
    summary: 'who did what, or tried to, the newest first',
    who: 'admin',
    query: {
      who: 'text?',
      what: 'text?',
      from: 'text?',
      repository: 'text?',
      result: 'text?',
      since: 'text?',
      until: 'text?',
      before: 'number?',
      limit: 'number?',
    },
  },
  'GET /backups': { summary: 'the backup under way, and the last one', who: 'admin' },
  'GET /budget': {
    summary: "what is left of upstreams' limits on pulls, and how long it lasts",
    who: 'reader',
    query: { since: 'text?' },
  },
  'GET /configuration': {
    summary: 'what the server goes by, and where each value came from',
    who: 'admin',
  },
  'GET /document': {
    summary: 'a manifest, an index or a config, as it is kept',
    who: 'pull',
    query: { name: 'text', of: 'text?', platform: 'text?' },
  },
  'GET /events': {
    summary: 'what happens, as it happens',
    who: 'reader',
    query: { types: 'text?' },
    answers: ['text/event-stream'],
  },
  'GET /evictions': {
    summary: 'what went to make room, the newest first',
    who: 'reader',
    query: { after: 'number?', limit: 'number?' },
  },
  'GET /image': {
    summary: 'one image, with all it is made of',
    who: 'pull',
    query: { name: 'text', platform: 'text?' },
  },
  'GET /images': {
    summary: 'the images of a repository',
    who: 'pull',
    query: { repository: 'text', ...listed },
  },
  'GET /next-evictions': {
    summary: 'what would go next',
    who: 'reader',
    query: { offset: 'number?', limit: 'number?' },
  },
  'GET /offline': { summary: 'whether any upstream is asked', who: 'reader' },
  'GET /openapi.json': { summary: 'this description', who: 'anybody' },
  'GET /pins': { summary: 'what is never evicted', who: 'pull' },
  'GET /report': {
    summary: 'who pulled what, and what it saved',
    who: 'reader',
    query: {
      by: 'text?',
      since: 'text?',
      until: 'text?',
      top: 'number?',
      client: 'texts?',
      user: 'texts?',
      upstream: 'texts?',
      outcome: 'texts?',
      repository: 'text?',
      image: 'text?',
      format: 'text?',
    },
    answers: ['application/json', 'text/csv'],
  },
  'GET /repositories': {
    summary: 'the repositories that the asker may pull',
    who: 'anybody',
    query: { source: 'text?', idle: 'number?', larger: 'number?', sizes: 'text?', ...listed },
  },
  'GET /repository': {
    summary: 'what one repository has, in sums and day by day',
    who: 'pull',
    query: { name: 'text' },
  },
  'GET /session': { summary: 'who asks', who: 'anybody' },
  'GET /setup': { summary: 'by what addresses clients reach the server', who: 'reader' },
  'GET /space': { summary: 'how full the disk is, and of what', who: 'reader' },
  'GET /space/history': {
    summary: 'how full the disk was',
    who: 'reader',
    query: { days: 'number?' },
  },
  'GET /tokens': { summary: 'tokens, without their secrets', who: 'admin' },
  'GET /upstreams': { summary: 'how the upstreams do', who: 'reader' },
  'GET /upstreams/history': {
    summary: 'how upstreams did over time, and of one of them what went wrong',
    who: 'reader',
    query: { since: 'text?', upstream: 'text?' },
  },
  'GET /users': { summary: 'who can log in with a password, and what each may', who: 'admin' },
  'GET /verify': { summary: 'the verification under way, and what was found', who: 'admin' },
  'GET /why': {
    summary: 'why an image or a blob is kept, or is not',
    who: 'pull',
    query: { name: 'text' },
  },
  'POST /backups': { summary: 'begins a backup', who: 'admin', body: { name: 'text' } },
  'DELETE /backups': { summary: 'stops the backup', who: 'admin' },
  'POST /copy': {
    summary: 'copies an image into a repository here',
    who: 'admin',
    body: { from: 'text', to: 'text', dryRun: 'flag?' },
  },
  'POST /evict': {
    summary: 'makes room now, or takes one mirrored image away, or says what would go',
    who: 'admin',
    body: { dryRun: 'flag?', to: 'number?', image: 'text?' },
  },
  'POST /offline': {
    summary: 'switches whether any upstream is asked',
    who: 'admin',
    body: { offline: 'flag' },
  },
  'POST /pin': {
    summary: 'keeps images from eviction',
    who: 'admin',
    body: { image: 'text', dryRun: 'flag?' },
  },
  'POST /prune': {
    summary: 'removes what retention is over for, or says what would go',
    who: 'admin',
    body: { rules: 'objects?', dryRun: 'flag?' },
  },
  'POST /remove': {
    summary: 'removes an image, or all of a repository, or says what would go',
    who: 'delete',
    body: { image: 'text?', repository: 'text?', dryRun: 'flag?' },
  },
  'POST /session': {
    summary: 'logs a browser in: the answer sets a cookie',
    who: 'anybody',
    body: { user: 'text', password: 'text' },
  },
  'DELETE /session': { summary: 'logs the browser out', who: 'anybody' },
  'POST /tag': {
    summary: 'gives a pushed image one more tag, or says where that points by now',
    who: 'push',
    body: { image: 'text', tag: 'text', dryRun: 'flag?' },
  },
  'POST /tokens/create': {
    summary: 'makes a token, and shows its secret this once',
    who: 'admin',
    body: {
      name: 'text',
      user: 'text?',
      may: 'texts?',
      repositories: 'texts?',
      expires: 'text?',
    },
  },
  'POST /tokens/revoke': {
    summary: 'makes a token good for nothing',
    who: 'admin',
    body: { name: 'text' },
  },
  'POST /unpin': {
    summary: 'takes a pin away',
    who: 'admin',
    body: { image: 'text', dryRun: 'flag?' },
  },
  'POST /users/add': {
    summary: 'adds somebody who can log in',
    who: 'admin',
    body: { user: 'text', password: 'text' },
  },
  'POST /users/password': {
    summary: "changes a password: one's own with the old one, anybody's as an admin",
    who: 'logged in',
    body: { user: 'text', oldPassword: 'text?', password: 'text' },
  },
  'POST /users/remove': {
    summary: 'removes a user, with all tokens that act for the user',
    who: 'admin',
    body: { user: 'text' },
  },
  'POST /upstreams/test': {
    summary: 'asks an upstream step by step, and says how far it came',
    who: 'admin',
    body: { upstream: 'text' },
  },
  'POST /verify': {
    summary: 'begins to verify all that is kept',
    who: 'admin',
    body: { repair: 'flag?' },
  },
  'DELETE /verify': { summary: 'stops the verification', who: 'admin' },
  'POST /warm': {
    summary: 'fetches what is missing of a mirrored image, or says what that is',
    who: 'admin',
    body: { image: 'text', platform: 'text?', dryRun: 'flag?' },
  },
}

/** The beginnings of all paths, as a sentence has them. */
export function listPaths(): string {
  const paths = Object.keys(describedRoutes).map((route) => route.split(/[ /]+/)[1] ?? '')
  const all = [...new Set(paths)].sort().map((path) => `/${path}`)
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
