const longest = 300

/**
 * What is said of a failure, for everybody who may know how upstreams do: no repository that a token was wanted for,
 * and nothing that a URL may hold besides its host and path.
 */
export function withoutNames(text: string): string {
  return text
    .replaceAll(/repository:[^\s"]+/g, 'that repository')
    .replaceAll(/:\/\/[^\s/@]*@/g, '://')
    .replaceAll(/\?[^\s"]*/g, '')
    .slice(0, longest)
    .toWellFormed()
}
