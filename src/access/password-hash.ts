const cost = 10
/** From the cost of 17 on, a login would take seconds. */
const pattern = /^\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/
const minLength = 8
/** bcrypt reads no more of a password. */
const maxBytes = 72

/** Of nobody's password: to check one against it takes as long as against a user's. */
export const nobodysHash = '$2b$10$sMCsyhJMcywvinfUp7NkJu2M.InfM7uapyAIIVAVvwcpBDHOVnd22'

/** As bcrypt has it, in the form that htpasswd files know. */
export async function hashPassword(text: string): Promise<string> {
  const { hash } = await loadBcrypt()
  return hash(text, cost)
}

/** False for a hash that isn't bcrypt's, after as long a time. Reads $2a$, $2b$ and $2y$, in another thread. */
export async function checkPassword(text: string, hash: string): Promise<boolean> {
  const { compare } = await loadBcrypt()
  const isUsable = isBcrypt(hash)
  // Apache's name for the same.
  const known = isUsable ? hash.replace(/^\$2y/, '$2b') : nobodysHash
  return (await compare(text, known)) && isUsable
}

export function isBcrypt(hash: string): boolean {
  return pattern.test(hash)
}

/** What is wrong with a password that somebody wants; undefined where nothing is. */
export function refusePassword(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) return 'the password holds a control character'
  const { length } = [...text]
  if (length < minLength)
    return `the password has ${length} characters: at least ${minLength} are wanted`
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxBytes) return undefined
  return `the password has ${bytes} bytes: at most ${maxBytes} are wanted, since bcrypt reads no more`
}

/** Who has no users needs none of its memory. */
async function loadBcrypt() {
  return (await import('bcrypt')).default
}
