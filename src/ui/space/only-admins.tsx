import type { ComponentChildren } from 'preact'
import { useSession } from '../api/session.ts'
import { SignInForm } from '../frame/sign-in-form.tsx'
import { Card } from '../parts/card.tsx'
import { Waiting } from '../parts/waiting.tsx'

type Props = {
  readonly title: string
  /** What others don't see: `what was verified`. */
  readonly what: string
  readonly children: ComponentChildren
}

/** What only those see who administer the server; others learn who does. */
export function OnlyAdmins({ title, what, children }: Props) {
  const { data: session } = useSession()
  if (session?.admin) return <>{children}</>
  return (
    <Card title={title} class="wide">
      {session ? (
        <p>Only who administers this server sees {what}, and does anything about it.</p>
      ) : (
        <Waiting what="who you are" />
      )}
      {session?.canLogIn && session.kind === 'anonymous' && <SignInForm />}
    </Card>
  )
}
