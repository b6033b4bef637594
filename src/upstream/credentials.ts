export type Credentials = { readonly username: string; readonly password: string }

/** RFC 7617 §2. */
export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
