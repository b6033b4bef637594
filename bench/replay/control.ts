import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

/** What a process of the bench can be told to do: a name, a JSON value in, a JSON value out. */
export type Commands = Readonly<Record<string, (value: never) => unknown>>

/** Under this path commands are given; no registry has such a one. */
export const controlPath = '/-/'

/** Answers a command of the bench. */
export const answerCommand = async (
  commands: Commands,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> => {
  const name = (incoming.url ?? '').slice(controlPath.length)
  const command = commands[name]
  // A process under load can be late to see that a kept connection is gone.
  outgoing.setHeader('connection', 'close')
  try {
    if (command === undefined) throw new Error(`there is no command "${name}"`)
    const value = JSON.parse((await text(incoming)) || 'null') as never
    outgoing.end(JSON.stringify((await command(value)) ?? null))
  } catch (error) {
    outgoing.writeHead(500).end(error instanceof Error ? error.stack : String(error))
  }
}

/** Takes commands and nothing else. */
export const listenForCommands = (commands: Commands, port: number): void => {
  const server = createServer((incoming, outgoing) => {
    void answerCommand({ ...commands, ping: () => 'pong' }, incoming, outgoing)
  })
  server.listen(port, '127.0.0.1')
}

/** Gives a command and resolves with its answer. Throws what the other process says went wrong. */
export const giveCommand = async <Answer>(
  processUrl: string,
  name: string,
  { value, signal }: { readonly value?: unknown; readonly signal: AbortSignal },
): Promise<Answer> => {
  const response = await fetch(`${processUrl}${controlPath}${name}`, {
    method: 'POST',
    body: JSON.stringify(value ?? null),
    signal,
  })
  const answer = await response.text()
  if (response.status !== 200) throw new Error(`"${name}" failed: ${answer}`)
  return JSON.parse(answer) as Answer
}
