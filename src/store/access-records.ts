/**
 * Who may log in with something else than a password, and what their short-lived tokens are signed with.
 * All times are milliseconds since 1970, given by the caller. What is written here is durable when it is
 * told so.
 */
export interface AccessRecords {
  /** False where the name is taken. */
  addToken(token: NewToken): Promise<boolean>
  findToken(id: string): Promise<TokenRecord | undefined>
  /** Of these kinds, by name. */
  listTokens(kinds: readonly TokenKind[]): Promise<readonly TokenRecord[]>
  /** False where there is none of that name. */
  removeToken(name: string): Promise<boolean>
  /** All that act for this user, sessions too. */
  removeTokensOf(user: string): Promise<number>
  /** Those that ended before. What was made by hand stays: a clock that is wrong for a moment must not take it away. */
  removeEndedSessions(endedBefore: number): Promise<number>
  /** When each was used last, by id; later times win, and ids that aren't known are passed over. */
  noteTokenUses(uses: ReadonlyMap<string, number>): Promise<void>
  /** When each user was there last, by name; later times win. */
  noteUserLogins(logins: ReadonlyMap<string, number>): Promise<void>
  listUserLogins(): Promise<ReadonlyMap<string, number>>
  removeUserLogin(name: string): Promise<void>
  /** The newest first. */
  listSigningKeys(): Promise<readonly SigningKey[]>
  addSigningKey(key: SigningKey): Promise<void>
  /** Those made before, but never the newest. */
  removeSigningKeys(madeBefore: number): Promise<void>
}

/**
 * `robot` stands for itself, `personal` for a user, and so does `session`, which a login in the browser makes
 * and which ends by itself.
 */
export type TokenKind = 'robot' | 'personal' | 'session'

export type TokenAction = 'pull' | 'push' | 'delete' | 'admin'

export type NewToken = {
  /** Twelve hexadecimal digits; a part of the token, by which it is found. */
  readonly id: string
  /** Unique among all. */
  readonly name: string
  readonly kind: TokenKind
  /** For whom it acts; undefined of a robot. */
  readonly user: string | undefined
  /** SHA-256 of its secret, in hexadecimal digits: the secret is long and random, and a slow hash adds nothing. */
  readonly secretHash: string
  /** What a robot may, or to what a person's is limited; undefined where nothing was said. */
  readonly may: readonly TokenAction[] | undefined
  /** Globs over hosted and mirrored names, for `may`; undefined for all of them. */
  readonly repositories: readonly string[] | undefined
  readonly createdAt: number
  /** Undefined for one that doesn't end. */
  readonly expiresAt: number | undefined
}

export type TokenRecord = NewToken & { readonly lastUsedAt: number | undefined }

export type SigningKey = {
  /** Public: it stands in each token that the key signs. */
  readonly id: string
  /** 32 random bytes, in base64url. */
  readonly secret: string
  readonly createdAt: number
}
