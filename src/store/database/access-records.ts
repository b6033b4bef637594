import { type Selectable, sql } from 'kysely'
import type {
  AccessRecords,
  NewToken,
  SigningKey,
  TokenAction,
  TokenKind,
  TokenRecord,
} from '../access-records.ts'
import { batches } from './batches.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

const usesPerStatement = 150

export class DatabaseAccessRecords implements AccessRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async addToken(token: NewToken): Promise<boolean> {
    const { numInsertedOrUpdatedRows = 0n } = await this.#database.durably((transaction) =>
      transaction
        .insertInto('access_tokens')
        .values({ ...toRow(token), last_used_at: null })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirstOrThrow(),
    )
    return numInsertedOrUpdatedRows > 0n
  }

  async findToken(id: string): Promise<TokenRecord | undefined> {
    const row = await this.#database.queries
      .selectFrom('access_tokens')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    return row && toToken(row)
  }

  async listTokens(kinds: readonly TokenKind[]): Promise<readonly TokenRecord[]> {
    const rows = await this.#database.queries
      .selectFrom('access_tokens')
      .selectAll()
      .where('kind', 'in', kinds)
      .orderBy('name')
      .execute()
    return rows.map(toToken)
  }

  async removeToken(name: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.durably((transaction) =>
      transaction.deleteFrom('access_tokens').where('name', '=', name).executeTakeFirstOrThrow(),
    )
    return numDeletedRows > 0n
  }

  async removeTokensOf(user: string): Promise<number> {
    const { numDeletedRows } = await this.#database.durably((transaction) =>
      transaction
        .deleteFrom('access_tokens')
        .where('user_name', '=', user)
        .executeTakeFirstOrThrow(),
    )
    return Number(numDeletedRows)
  }

  async removeEndedSessions(endedBefore: number): Promise<number> {
    const { numDeletedRows } = await this.#database.durably((transaction) =>
      transaction
        .deleteFrom('access_tokens')
        .where('kind', '=', 'session')
        .where('expires_at', '<', endedBefore)
        .executeTakeFirstOrThrow(),
    )
    return Number(numDeletedRows)
  }

  async noteTokenUses(uses: ReadonlyMap<string, number>): Promise<void> {
    for (const batch of batches([...uses], usesPerStatement)) {
      const rows = batch.map(([id, at]) => sql`(${id}, ${at})`)
      // SQLite and PostgreSQL both call the columns of VALUES column1, column2 and so on.
      await this.#database.durably((transaction) =>
        sql`update access_tokens set last_used_at = cast(seen.column2 as bigint)
          from (values ${sql.join(rows)}) as seen
          where access_tokens.id = seen.column1
            and coalesce(access_tokens.last_used_at, -1) < cast(seen.column2 as bigint)
        `.execute(transaction),
      )
    }
  }

  async noteUserLogins(logins: ReadonlyMap<string, number>): Promise<void> {
    for (const batch of batches([...logins], usesPerStatement)) {
      const rows = batch.map(([name, last_at]) => ({ name, last_at }))
      await this.#database.durably((transaction) =>
        transaction
          .insertInto('user_logins')
          .values(rows)
          .onConflict((conflict) =>
            conflict
              .column('name')
              .doUpdateSet({ last_at: (seen) => seen.ref('excluded.last_at') })
              .whereRef('user_logins.last_at', '<', 'excluded.last_at'),
          )
          .execute(),
      )
    }
  }

  async listUserLogins(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.queries.selectFrom('user_logins').selectAll().execute()
    return new Map(rows.map(({ name, last_at }) => [name, last_at]))
  }

  async removeUserLogin(name: string): Promise<void> {
    await this.#database.durably((transaction) =>
      transaction.deleteFrom('user_logins').where('name', '=', name).execute(),
    )
  }

  async listSigningKeys(): Promise<readonly SigningKey[]> {
    const rows = await this.#database.queries
      .selectFrom('signing_keys')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute()
    return rows.map(({ id, secret, created_at }) => ({ id, secret, createdAt: created_at }))
  }

  async addSigningKey({ id, secret, createdAt }: SigningKey): Promise<void> {
    await this.#database.durably((transaction) =>
      transaction
        .insertInto('signing_keys')
        .values({ id, secret, created_at: createdAt })
        .execute(),
    )
  }

  async removeSigningKeys(madeBefore: number): Promise<void> {
    await this.#database.durably((transaction) =>
      transaction
        .deleteFrom('signing_keys')
        .where('created_at', '<', madeBefore)
        // In the order of `listSigningKeys`.
        .where('id', 'not in', (keys) =>
          keys
            .selectFrom('signing_keys')
            .select('id')
            .orderBy('created_at', 'desc')
            .orderBy('id')
            .limit(1),
        )
        .execute(),
    )
  }
}

type Row = Selectable<Schema['access_tokens']>

function toRow(token: NewToken): Omit<Row, 'last_used_at'> {
  const toText = (list: readonly string[] | undefined) => (list ? JSON.stringify(list) : null)
  return {
    id: token.id,
    name: token.name,
    kind: token.kind,
    user_name: token.user ?? null,
    secret_hash: token.secretHash,
    may: toText(token.may),
    repositories: toText(token.repositories),
    created_at: token.createdAt,
    expires_at: token.expiresAt ?? null,
  }
}

function toToken(row: Row): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    user: row.user_name ?? undefined,
    secretHash: row.secret_hash,
    may: row.may === null ? undefined : (JSON.parse(row.may) as TokenAction[]),
    repositories:
      row.repositories === null ? undefined : (JSON.parse(row.repositories) as string[]),
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
  }
}
