import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { refusePassword } from '../access/password-hash.ts'
import { CommandError } from './command-error.ts'

const maxLine = 4096

/**
 * A new password: asked for twice on a terminal, which shows nothing of it; else the first line of standard
 * input. Throws CommandError for one that can't be taken.
 */
export async function askPassword(name: string): Promise<string> {
  return process.stdin.isTTY ? askTwice(name) : accept(await readLine())
}

async function askTwice(name: string): Promise<string> {
  const terminal = new HiddenLines()
  try {
    const password = accept(await terminal.ask(`password for ${name}: `))
    if ((await terminal.ask('the same again: ')) === password) return password
    throw new CommandError('the two are not the same. Nothing is changed')
  } finally {
    terminal.close()
  }
}

function accept(password: string): string {
  const wrong = refusePassword(password)
  if (wrong === undefined) return password
  throw new CommandError(`${wrong}. Nothing is changed`)
}

async function readLine(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.includes('\n') || text.length > maxLine) break
  }
  const [line = ''] = text.split(/\r?\n/)
  if (line !== '') return line
  throw new CommandError(
    'there is neither a terminal to ask for a password nor one on standard input. Nothing is changed. In a container: docker exec -it, or docker exec -i with the password on standard input',
  )
}

/** Lines that are typed and not shown. */
class HiddenLines {
  readonly #reader = createInterface({
    input: process.stdin,
    output: new Writable({ write: (_shown, _encoding, done) => done() }),
    terminal: true,
    historySize: 0,
  })
  readonly #lines = this.#reader[Symbol.asyncIterator]()

  /** Throws CommandError for Ctrl-C or Ctrl-D, and where the terminal goes away. */
  async ask(prompt: string): Promise<string> {
    process.stderr.write(prompt)
    const { done, value } = await this.#lines.next()
    process.stderr.write('\n')
    if (done) throw new CommandError('Nothing is changed')
    return value
  }

  close(): void {
    this.#reader.close()
  }
}
