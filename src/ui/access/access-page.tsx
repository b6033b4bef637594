import './access.css'
import { useState } from 'preact/hooks'
import { useSession } from '../api/session.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { go, hrefOf } from '../frame/route.ts'
import { Fault } from '../parts/fault.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { AuditTab } from './audit-tab.tsx'
import { ConfigurationTab } from './configuration-tab.tsx'
import { NoAdmin } from './no-admin.tsx'
import { OwnPassword } from './own-password.tsx'
import { RulesTab } from './rules-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'
import { UsersTab } from './users-tab.tsx'

const tabs = [
  { name: 'users', title: 'Users', Shown: UsersTab },
  { name: 'tokens', title: 'Tokens', Shown: TokensTab },
  { name: 'rules', title: 'Rules', Shown: RulesTab },
  { name: 'audit', title: 'Audit', Shown: AuditTab },
  { name: 'configuration', title: 'Configuration', Shown: ConfigurationTab },
] as const

/** Who may log in, who may what, who did what, and what the server goes by: for admins. */
export function AccessPage({ route }: PageProps) {
  const { data: session, error, retry } = useSession()
  const [isChanging, setChanging] = useState(false)
  const chosen = tabs.find(({ name }) => name === route.query.get('tab')) ?? tabs[0]
  const user = session?.kind === 'user' ? session.name : undefined
  return (
    <>
      <PageHead title="Access">
        {user !== undefined && (
          <button type="button" onClick={() => setChanging(true)}>
            Change your password
          </button>
        )}
      </PageHead>
      {isChanging && user !== undefined && (
        <OwnPassword user={user} onClose={() => setChanging(false)} />
      )}
      {error && !session && <Fault error={error} retry={retry} />}
      {!error && !session && <Waiting what="who you are" />}
      {session && !session.admin && <NoAdmin session={session} />}
      {session?.admin && (
        <Tabs
          label="Access"
          tabs={tabs}
          chosen={chosen.name}
          onChoose={(tab) => go(hrefOf('access', '', { tab }))}
        >
          <chosen.Shown key={chosen.name} route={route} />
        </Tabs>
      )}
    </>
  )
}
