import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** What `npm start` gives node, with the server built as it does; the program is this very node. */
export const startArguments = (): string[] => {
  execFileSync(process.execPath, ['build.ts', '--if-stale'], { cwd: root, stdio: 'inherit' })
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [node, ...args]: string[] = scripts.start.split(' ')
  const file = args.pop()
  if (node !== 'node' || file === undefined) {
    throw new Error(
      `package.json starts the server by "${scripts.start}"; wanted is node and a file`,
    )
  }
  return [...args, join(root, file)]
}
