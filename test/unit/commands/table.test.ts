import { expect, test } from 'vitest'
import { formatTable } from '../../../src/commands/table.ts'

test('columns are aligned, and no line ends with spaces', () => {
  const rows = [
    ['NAME', 'SIZE', 'NOTE'],
    ['a-long-name', '1', ''],
    ['b', '1000', 'x'],
  ]
  expect(formatTable(rows)).toBe('NAME         SIZE  NOTE\na-long-name  1\nb            1000  x\n')
  expect(formatTable([['a', 'b']], '  ')).toBe('  a  b\n')
  expect(formatTable([])).toBe('')
})

test.each(['a\nb', 'a\u001b[2Jb', 'a\u202eb', 'a\r\n\tb', 'a\u2028b', 'a\u0000b'])(
  '%j stays on its line, and commands no terminal',
  (text) => {
    expect(formatTable([[text, 'c']])).toMatch(/^a (\[2J)?b {2}c\n$/)
  },
)

test('columns of numbers stand at their right edge', () => {
  const rows = [
    ['NAME', 'SIZE'],
    ['a', '1'],
  ]
  expect(formatTable(rows, '', (column) => column === 1)).toBe('NAME  SIZE\na        1\n')
})
