/** By which somebody logs in: a user's name and password, or any name and a token. */
export interface Account {
  readonly user: string
  readonly password: string
}

/** As options of the commands that log in. */
export const toOptions = ({ user, password }: Account): readonly string[] => [
  '--username',
  user,
  '--password',
  password,
]
