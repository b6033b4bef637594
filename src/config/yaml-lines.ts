import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { formatPath } from './config-error.ts'

/** The lines, from 1, on which keys and items of a list stand, by the path that `formatPath` writes. */
export function findLines(text: string): ReadonlyMap<string, number> {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, stringKeys: true })
  const lines = new Map<string, number>()
  const note = (path: readonly PropertyKey[], node: unknown) => {
    const offset = (node as Node | null)?.range?.[0]
    if (offset !== undefined) lines.set(formatPath(path), counter.linePos(offset).line)
  }
  const walk = (node: unknown, path: readonly PropertyKey[]): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        const inside = [...path, isScalar(key) ? String(key.value) : String(key)]
        note(inside, key)
        walk(value, inside)
      }
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        note([...path, index], item)
        walk(item, [...path, index])
      }
    }
  }
  walk(document.contents, [])
  return lines
}
