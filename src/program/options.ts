/** Options that many commands take. */
export const configOption = ['--config <file>', 'the configuration', './mirrors.yaml'] as const
export const serverOption = [
  '--server <url>',
  'the server to ask, such as http://host:5000; without it, the one that the configuration describes',
] as const
export const jsonOption = ['--json', 'print JSON'] as const

/** A command's code is read only when it is called: it needs little of what the others do. */
export function lazily<Args extends unknown[]>(
  load: () => Promise<(...args: Args) => Promise<void> | void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const act = await load()
    await act(...args)
  }
}
