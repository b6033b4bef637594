const pattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/
/** In rules under `access` each stands for more than one. */
const reserved: readonly string[] = ['anonymous', 'operator', 'users']

/** What is wrong with the name of a user or a token; undefined where nothing is. */
export function refuseName(name: string): string | undefined {
  const quoted = JSON.stringify(name)
  if (reserved.includes(name))
    return `${quoted} is nobody's name: in rules it has a meaning of its own`
  if (pattern.test(name)) return undefined
  return `${quoted} is no name: wanted are 1 to 64 of the letters a-z and A-Z, digits and . _ @ -, the first a letter or digit`
}
