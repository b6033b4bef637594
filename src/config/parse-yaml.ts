import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { ConfigProblem } from './config-error.ts'

interface Explanation {
  readonly found: string
  readonly wanted: string
}

// The library's own text for these quotes the file, and what it quotes may be a password.
const explanations: Readonly<Partial<Record<YAMLError['code'], Explanation>>> = {
  DUPLICATE_KEY: { found: 'a key that stands here already', wanted: 'each key once' },
  TAG_RESOLVE_FAILED: {
    found: 'a value that begins with !, which is a YAML tag',
    wanted: 'a plain value, in quotes if it begins with !',
  },
  BAD_ALIAS: {
    found: 'a value that begins with * or &, which is a YAML alias',
    wanted: 'a plain value, in quotes if it begins with * or &',
  },
  BAD_DQ_ESCAPE: {
    found: 'a backslash that YAML does not know inside double quotes',
    wanted: 'single quotes, or two backslashes for one',
  },
  TAB_AS_INDENT: { found: 'a tab', wanted: 'spaces to indent with' },
  MULTIPLE_DOCS: { found: 'a second document', wanted: 'one document, without ---' },
  BAD_DIRECTIVE: { found: 'a line that begins with %', wanted: 'a key and its value' },
  UNEXPECTED_TOKEN: {
    found: 'something YAML cannot read here',
    wanted: `a key and its value; inside {} and [] a \${NAME} needs quotes around it`,
  },
}

const aliasProblem: ConfigProblem = {
  path: 'the whole file',
  found: 'a YAML alias (*) without its anchor (&), or far too many of them',
  wanted: 'values without aliases; quotes around a value that begins with *',
}

/** Reads YAML into plain values; a problem's path is its line and column. */
export function parseYaml(text: string): {
  readonly data: unknown
  readonly problems: readonly ConfigProblem[]
} {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    prettyErrors: false,
    lineCounter: lines,
    stringKeys: true,
  })
  const errors = meaningfulOf([...document.errors, ...document.warnings])
  if (errors.length > 0) {
    return { data: undefined, problems: errors.map((error) => toProblem(error, lines)) }
  }
  try {
    return { data: document.toJS(), problems: [] }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return { data: undefined, problems: [aliasProblem] }
  }
}

/** After the first mistake the reader has lost its way, and what it says further on is noise. */
function meaningfulOf(errors: readonly YAMLError[]): readonly YAMLError[] {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY')
  return errors.filter((error) => error === first || error.code === 'DUPLICATE_KEY')
}

function toProblem(error: YAMLError, lines: LineCounter): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0])
  const explanation = explanations[error.code] ?? {
    found: `a mistake in the YAML (${error.message.split('\n')[0]})`,
    wanted: 'YAML that can be read',
  }
  return { path: `line ${line}, column ${col}`, ...explanation }
}
