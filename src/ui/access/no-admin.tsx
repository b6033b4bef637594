import type { SessionAnswer } from '../../answers/session.ts'
import { SignInForm } from '../frame/sign-in-form.tsx'
import { Card } from '../parts/card.tsx'
import { Code } from '../parts/code.tsx'

/** For who may not look after all this: why, and the way in. */
export function NoAdmin({ session }: { readonly session: SessionAnswer }) {
  if (!session.canLogIn) return <FirstUser />
  if (session.kind === 'anonymous') {
    return (
      <Card title="Sign in as an admin" class="narrow">
        <p>Users, tokens, rules, the audit and the configuration are shown to admins alone.</p>
        <SignInForm />
      </Card>
    )
  }
  const name = session.name ?? 'you'
  return (
    <Card title={`${name} is no admin`} class="narrow">
      <p>
        Users, tokens, rules, the audit and the configuration are shown to admins alone. Your
        password you change above; for a token, ask an admin.
      </p>
      <p>An admin is whoever a rule in mirrors.yaml makes one:</p>
      <Code
        label="the rule"
        caption="under access.rules"
        text={`- {who: ${name}, repositories: "**", may: [admin]}`}
      />
    </Card>
  )
}

function FirstUser() {
  return (
    <Card title="Nobody can sign in yet" class="narrow">
      <p>
        There are no users and no tokens: whoever reaches this server does what{' '}
        <code>access.anonymous</code> in mirrors.yaml lets everybody, and its admin is whoever can
        read its data folder. To begin, add yourself on the machine that the server runs on:
      </p>
      <Code label="the command" caption="from a clone" text="npm start -- user add YOUR-NAME" />
      <Code
        label="the command for a container"
        caption="in a container"
        text="docker exec -it entrepot node dist/main.js user add YOUR-NAME"
      />
      <p>It counts within seconds, without a restart. Then reload this page and sign in.</p>
    </Card>
  )
}
