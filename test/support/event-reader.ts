import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { onTestFinished, vi } from 'vitest'

export interface Told {
  /** Of the line before the data; empty where there is none. */
  readonly id: string
  readonly type: string
  /** As CloudEvents has it. */
  readonly event: {
    readonly id: string
    readonly source: string
    readonly type: string
    readonly time: string
    readonly subject?: string
    readonly data: Readonly<Record<string, unknown>>
  }
}

interface Options {
  readonly types?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Reads `/api/v1/events` until the test ends. */
export class EventReader {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly told: Told[] = []
  /** Resolves when the server, or the test, has ended it. */
  readonly ended: Promise<unknown>
  readonly #incoming: IncomingMessage
  #text = ''

  private constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
    this.status = incoming.statusCode ?? 0
    this.headers = incoming.headers
    incoming.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.ended = once(
      incoming.on('error', () => {}),
      'close',
    )
  }

  static async open({ port }: { port: number }, options: Options = {}): Promise<EventReader> {
    const { types, headers = {} } = options
    const path = `/api/v1/events${types === undefined ? '' : `?types=${types}`}`
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }).end()
    asked.on('error', () => {})
    const [incoming] = (await once(asked, 'response')) as [IncomingMessage]
    const reader = new EventReader(incoming)
    onTestFinished(() => reader.leave())
    return reader
  }

  /** Everything that was read, before it was taken apart. */
  get text(): string {
    return this.#text
  }

  /** The first of that type that is so. */
  find(type: string, isSo: (data: Told['event']['data']) => boolean = () => true): Promise<Told> {
    return vi.waitFor(() => {
      const found = this.told.find((told) => told.type === type && isSo(told.event.data))
      if (!found) throw new Error(`no ${type} among ${this.told.map((each) => each.type)}`)
      return found
    }, 8_000)
  }

  pause(): void {
    this.#incoming.pause()
  }

  leave(): void {
    this.#incoming.destroy()
  }

  #take(text: string): void {
    const before = this.#text.lastIndexOf('\n\n') + 2
    this.#text += text
    const whole = this.#text.slice(before === 1 ? 0 : before, this.#text.lastIndexOf('\n\n'))
    for (const message of whole.split('\n\n')) {
      const fields = new Map(message.split('\n').map((line) => splitLine(line)))
      const data = fields.get('data')
      if (data === undefined) continue
      const [id = '', type = ''] = [fields.get('id'), fields.get('event')]
      this.told.push({ id, type, event: JSON.parse(data) })
    }
  }
}

const splitLine = (line: string): [string, string] => {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2)]
}
