/** Where a program runs: on this machine as it is, or in a namespace. */
export interface Place {
  /** What it listens on there. */
  readonly address: string
  /** The same command, to be run there. */
  inside(command: readonly string[]): readonly string[]
}

export const thisMachine: Place = { address: '127.0.0.1', inside: (command) => command }
