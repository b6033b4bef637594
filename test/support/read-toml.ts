/** What a TOML table holds, as far as container clients' configuration needs it. */
export type TomlTable = { [key: string]: TomlValue }
export type TomlValue = string | boolean | TomlValue[] | TomlTable

const header = /^(\[\[?)(.+?)\]\]?$/
const pair = /^([\w-]+|"[^"]*")\s*=\s*(.+)$/

/** Tables, arrays of tables, strings, booleans and lists of them on one line; throws for anything else. */
export const readToml = (text: string): TomlTable => {
  const root: TomlTable = {}
  let table = root
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const [, brackets, path = ''] = header.exec(line) ?? []
    const [, key = '', value = ''] = pair.exec(line) ?? []
    if (brackets !== undefined) table = enter(root, keysOf(path), brackets === '[[')
    else if (key === '') throw new Error(`no TOML: ${line}`)
    else if (plain(key) in table) throw new Error(`twice in one table: ${line}`)
    else table[plain(key)] = JSON.parse(value)
  }
  return root
}

const keysOf = (path: string) => (path.match(/"[^"]*"|[\w-]+/g) ?? []).map(plain)
const plain = (key: string) => key.replaceAll('"', '')

const enter = (root: TomlTable, keys: readonly string[], isOneOfMany: boolean): TomlTable => {
  let table = root
  for (const [index, key] of keys.entries()) {
    const isLast = index === keys.length - 1
    const known = table[key]
    if (isLast && isOneOfMany) {
      const all = Array.isArray(known) ? known : []
      table[key] = all
      all.push({})
    } else if (known === undefined) table[key] = {}
    else if (isLast && !isOneOfMany) throw new Error(`twice: [${keys.join('.')}]`)
    const found = table[key]
    const next = Array.isArray(found) ? found.at(-1) : found
    if (typeof next !== 'object' || Array.isArray(next)) throw new Error(`no table: ${key}`)
    table = next
  }
  return table
}
