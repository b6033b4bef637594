/** Says what goes on, to a person who waits. */
export type Report = (text: string) => void

const clearLine = '\r\u001b[2K'

export interface Progress extends Disposable {
  readonly report: Report
}

/** On a terminal one line that changes, elsewhere plain lines. On stderr: stdout is the result's. */
export const createProgress = (stream: NodeJS.WriteStream): Progress => {
  if (!stream.isTTY)
    return {
      report: (text) => stream.write(`${text}\n`),
      [Symbol.dispose]: () => undefined,
    }
  return {
    report: (text) => stream.write(`${clearLine}${text.slice(0, stream.columns - 1)}`),
    [Symbol.dispose]: () => stream.write(clearLine),
  }
}
