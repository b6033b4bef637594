const failed = 1
const wrongUsage = 2

/** Ends a command: `message` is all that its user is told, and says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, options: ErrorOptions & { readonly isUsage?: boolean } = {}) {
    super(message, options)
    this.exitCode = options.isUsage ? wrongUsage : failed
  }
}
