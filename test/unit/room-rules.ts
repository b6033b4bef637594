import { posix } from 'node:path'

/** Which room under src may import which. A file right under src is a room of its own. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  oci: [],
  clock: [],
  'at-most': [],
  'address-ranges': [],
  'bounded-queue': ['oci'],
  'fair-shares': [],
  'file-limit': [],
  version: [],
  config: ['oci'],
  store: ['at-most', 'oci'],
  upstream: ['at-most', 'oci'],
  mirror: ['at-most', 'oci', 'clock', 'config', 'store', 'upstream'],
  hosted: ['at-most', 'fair-shares', 'oci', 'config', 'store', 'mirror', 'upstream'],
  space: ['backup', 'bounded-queue', 'oci', 'config', 'store'],
  adopt: ['at-most', 'oci', 'config', 'store', 'mirror', 'hosted'],
  backup: ['oci', 'store'],
  access: ['at-most', 'fair-shares', 'oci', 'config', 'store'],
  upkeep: ['config', 'hosted', 'store'],
  catalog: ['access', 'answers', 'at-most', 'oci', 'store', 'traffic'],
  audit: ['config', 'oci', 'store'],
  traffic: ['access', 'address-ranges', 'at-most', 'bounded-queue', 'oci', 'config', 'store'],
  budget: ['oci', 'config', 'store', 'traffic', 'upstream'],
  chronicle: ['oci', 'store', 'traffic', 'upstream'],
  events: ['oci', 'config', 'store', 'traffic'],
  advice: ['answers', 'oci', 'config', 'store', 'mirror', 'upstream', 'events', 'space'],
  metrics: ['oci', 'store', 'traffic', 'upstream', 'space', 'mirror'],
  http: [
    'backup',
    'answers',
    'advice',
    'address-ranges',
    'access',
    'audit',
    'traffic',
    'budget',
    'chronicle',
    'events',
    'metrics',
    'at-most',
    'fair-shares',
    'oci',
    'config',
    'mirror',
    'hosted',
    'catalog',
    'space',
    'store',
  ],
  // Of the others it has the shapes of what is answered.
  answers: ['space', 'upstream'],
  ui: ['answers', 'events', 'traffic'],
  logger: [],
  notices: [
    'backup',
    'budget',
    'oci',
    'config',
    'space',
    'store',
    'upstream',
    'mirror',
    'hosted',
    'events',
  ],
  threads: [
    'backup',
    'advice',
    'access',
    'audit',
    'traffic',
    'budget',
    'chronicle',
    'events',
    'metrics',
    'at-most',
    'oci',
    'clock',
    'config',
    'store',
    'mirror',
    'hosted',
    'catalog',
    'space',
    'upstream',
    'http',
    'logger',
    'notices',
  ],
  serving: [
    'advice',
    'access',
    'audit',
    'traffic',
    'budget',
    'chronicle',
    'events',
    'metrics',
    'config',
    'mirror',
    'hosted',
    'catalog',
    'space',
    'http',
    'logger',
    'threads',
    'notices',
  ],
  server: [
    'backup',
    'advice',
    'access',
    'audit',
    'traffic',
    'budget',
    'chronicle',
    'events',
    'metrics',
    'oci',
    'clock',
    'config',
    'store',
    'mirror',
    'hosted',
    'space',
    'upkeep',
    'catalog',
    'file-limit',
    'version',
    'logger',
    'notices',
    'serving',
  ],
  commands: [
    'answers',
    'access',
    'audit',
    'traffic',
    'budget',
    'oci',
    'clock',
    'config',
    'store',
    'adopt',
    'backup',
    'logger',
    'server',
    'upstream',
    'mirror',
    'space',
  ],
  program: ['commands'],
  main: ['config', 'commands', 'program'],
}

/** Arrows that are allowed for types alone, and perhaps for a few of them. */
const typeArrows: Readonly<Record<string, readonly string[] | 'all'>> = {
  'answers -> space': 'all',
  'space -> backup': 'all',
  'threads -> backup': 'all',
  'http -> backup': 'all',
  'answers -> upstream': 'all',
  'catalog -> access': 'all',
  'catalog -> answers': 'all',
  'ui -> answers': 'all',
  'commands -> answers': 'all',
  'ui -> traffic': 'all',
  'access -> store': 'all',
  'advice -> answers': 'all',
  'advice -> store': 'all',
  'advice -> mirror': 'all',
  'advice -> upstream': 'all',
  'advice -> events': 'all',
  'http -> advice': 'all',
  'threads -> advice': 'all',
  'serving -> advice': 'all',
  'threads -> audit': 'all',
  'serving -> access': 'all',
  'serving -> audit': 'all',
  'traffic -> access': 'all',
  'budget -> upstream': 'all',
  'events -> config': 'all',
  'events -> store': 'all',
  'events -> traffic': 'all',
  'metrics -> upstream': 'all',
  'metrics -> space': 'all',
  'metrics -> mirror': 'all',
  'metrics -> traffic': 'all',
  'mirror -> clock': 'all',
  'mirror -> config': 'all',
  'hosted -> config': 'all',
  'adopt -> config': 'all',
  'upkeep -> hosted': 'all',
  'upkeep -> store': 'all',
  'hosted -> upstream': 'all',
  'threads -> config': 'all',
  'threads -> upstream': 'all',
  'notices -> budget': 'all',
  'notices -> store': 'all',
  'notices -> mirror': 'all',
  'notices -> hosted': 'all',
  'notices -> upstream': 'all',
  'http -> config': ['RetentionRule', 'SettingInForce'],
  'http -> hosted': 'all',
  'http -> catalog': 'all',
  'serving -> hosted': 'all',
  'serving -> catalog': 'all',
  'serving -> space': 'all',
  'threads -> space': 'all',
  'http -> space': 'all',
  'space -> config': 'all',
  'threads -> catalog': 'all',
  'http -> store': ['AuditRecord', 'BlobReader', 'Outcome'],
  'server -> logger': 'all',
  'serving -> config': 'all',
  'serving -> logger': 'all',
  'serving -> mirror': 'all',
}

/** Which rooms may import a package. One that isn't here may be imported by none. */
const packages: Readonly<Record<string, readonly string[]>> = {
  '@hono/node-server': ['http'],
  bcrypt: ['access'],
  hono: ['http'],
  undici: ['upstream'],
  'http-link-header': ['upstream'],
  'prom-client': ['metrics'],
  'csv-stringify': ['traffic'],
  echarts: ['commands'],
  tldts: ['upstream'],
  'ipaddr.js': ['config', 'upstream', 'http'],
  'better-sqlite3': ['store'],
  kysely: ['store'],
  zod: ['config'],
  yaml: ['config'],
  commander: ['main', 'program'],
  jose: ['access'],
  'lru-cache': [
    'traffic',
    'access',
    'store',
    'upstream',
    'mirror',
    'hosted',
    'catalog',
    'http',
    'threads',
    'adopt',
  ],
  picomatch: ['access', 'mirror', 'hosted', 'space'],
  re2js: ['oci'],
  pino: ['logger', 'http', 'threads', 'notices', 'upkeep', 'serving', 'commands'],
  'pino-pretty': ['logger'],
  preact: ['ui'],
  uplot: ['ui'],
  'd3-hierarchy': ['ui'],
  'lucide-preact': ['ui'],
}

const fileSystemRooms = [
  'access',
  'config',
  'store',
  'adopt',
  'backup',
  'logger',
  'server',
  'file-limit',
  'commands',
]
/** Values do no I/O. */
const ociBuiltins = ['node:crypto']

export type SourceFile = {
  /** Below src, with slashes: `oci/digest.ts`. */
  readonly path: string
  readonly text: string
}

type Import = {
  readonly specifier: string
  readonly names: readonly string[]
  readonly isTypeOnly: boolean
}

const staticImport =
  /^[ \t]*(?:import|export)\s+(?:(type)\s+)?(?:([\w$*{},\s]+?)\s+from\s+)?['"]([^'"]+)['"]/gm
const dynamicImport = /\bimport\(\s*['"]([^'"]+)['"]/g

/** Everything that a file's text imports, re-exports too. */
export function readImports(text: string): readonly Import[] {
  const imports: Import[] = []
  for (const [, type, clause = '', specifier = ''] of text.matchAll(staticImport)) {
    imports.push({ specifier, ...readClause(clause, type !== undefined) })
  }
  for (const [, specifier = ''] of text.matchAll(dynamicImport)) {
    imports.push({ specifier, names: [], isTypeOnly: false })
  }
  return imports
}

function readClause(clause: string, isType: boolean): Omit<Import, 'specifier'> {
  const parts = clause.split(/[{},]/).map((part) => part.trim())
  const named = parts.filter((part) => part !== '')
  const isTypeOnly = isType || (named.length > 0 && named.every((part) => /^type\s/.test(part)))
  return {
    names: named.map((part) => part.replace(/^type\s+/, '').replace(/\s+as\s.*$/s, '')),
    isTypeOnly,
  }
}

/** What breaks the tables above, a sentence each; then the cycles between rooms. */
export function findViolations(files: readonly SourceFile[]): readonly string[] {
  const found: string[] = []
  const arrows = new Map<string, Set<string>>()
  for (const file of files) {
    const room = roomOf(file.path)
    if (!rooms[room]) found.push(`${file.path} lies in ${room}, which the table doesn't name`)
    for (const imported of readImports(file.text)) {
      const fault = findFault(file.path, imported)
      if (fault !== undefined) found.push(`${file.path} imports ${imported.specifier}: ${fault}`)
      const target = targetRoom(file.path, imported.specifier)
      if (target !== undefined && target !== room) arrowsFrom(arrows, room).add(target)
    }
  }
  return [...found, ...findCycles(arrows)]
}

function arrowsFrom(arrows: Map<string, Set<string>>, room: string): Set<string> {
  const known = arrows.get(room) ?? new Set()
  arrows.set(room, known)
  return known
}

/** `oci` for `oci/digest.ts`, `server` for `server.ts`. */
function roomOf(path: string): string {
  const [first = ''] = path.split('/')
  return first.replace(/\.tsx?$/, '')
}

/** Undefined where the import isn't one of ours. */
function targetRoom(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return roomOf(posix.join(posix.dirname(path), specifier))
}

function findFault(path: string, imported: Import): string | undefined {
  const room = roomOf(path)
  const target = targetRoom(path, imported.specifier)
  if (target !== undefined) return findArrowFault(room, target, imported)
  if (imported.specifier.startsWith('node:')) return findBuiltinFault(room, imported.specifier)
  const [scope = '', name = ''] = imported.specifier.split('/')
  const owners = packages[scope.startsWith('@') ? `${scope}/${name}` : scope]
  if (!owners) return "the table doesn't name the package"
  return owners.includes(room) ? undefined : `only ${owners.join(', ')} may`
}

function findArrowFault(room: string, target: string, imported: Import): string | undefined {
  if (target === room) return undefined
  if (!rooms[room]?.includes(target)) return `${room} may not import ${target}`
  const types = typeArrows[`${room} -> ${target}`]
  if (types === undefined) return undefined
  if (!imported.isTypeOnly) return `${room} may import only types of ${target}`
  const others = types === 'all' ? [] : imported.names.filter((name) => !types.includes(name))
  return others.length === 0 ? undefined : `${room} may not import ${others.join(', ')}`
}

function findBuiltinFault(room: string, specifier: string): string | undefined {
  if (room === 'oci' && !ociBuiltins.includes(specifier)) {
    return `oci may import only ${ociBuiltins.join(', ')}`
  }
  if (!/^node:fs(\/|$)/.test(specifier) || fileSystemRooms.includes(room)) return undefined
  return `only ${fileSystemRooms.join(', ')} may`
}

/** Each cycle once, from the room whose name sorts first. */
function findCycles(arrows: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const cycles = new Set<string>()
  const walk = (trail: readonly string[]): void => {
    const [first = ''] = trail
    for (const next of arrows.get(trail.at(-1) ?? '') ?? []) {
      if (next === first) cycles.add(`a cycle: ${[...trail, first].join(' -> ')}`)
      else if (next > first && !trail.includes(next)) walk([...trail, next])
    }
  }
  for (const room of arrows.keys()) walk([room])
  return [...cycles]
}
