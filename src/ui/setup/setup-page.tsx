import './setup.css'
import type { SetupAnswer } from '../../answers/setup.ts'
import { useAnswer } from '../api/use-answer.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { Wall } from '../frame/wall.tsx'
import { Card } from '../parts/card.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { type Choices, readChoices } from './choices.ts'
import { guideFor } from './clients.ts'
import { type Guide, urlOf } from './guide.ts'
import { GuideSteps } from './guide-steps.tsx'
import { LiveCheck } from './live-check.tsx'
import { ServerFacts } from './server-facts.tsx'
import { SetupForm } from './setup-form.tsx'

/** What to copy where, so that a client pulls through this server. */
export function SetupPage({ route }: PageProps) {
  return (
    <>
      <PageHead title="Set-up" />
      <Setup query={route.query} />
    </>
  )
}

function Setup({ query }: { readonly query: URLSearchParams }) {
  const { data: setup, error, retry } = useAnswer<SetupAnswer>('setup')
  if (error && !setup) return <Wall error={error} retry={retry} what="how clients are set up" />
  if (!setup) return <Waiting what="what this server says of itself" />
  const choices = readChoices(query, setup)
  const guide = guideFor(choices.client, choices.wanted)
  return (
    <>
      <Card title="What is to be set up" class="setup-choices">
        <SetupForm setup={setup} choices={choices} />
      </Card>
      <div class="setup-guide">
        <Steps choices={choices} guide={guide} />
        <Check choices={choices} guide={guide} />
      </div>
      <ServerFacts setup={setup} origin={choices.wanted.origin} />
    </>
  )
}

type GuideProps = { readonly choices: Choices; readonly guide: Guide }

function Steps({ choices, guide }: GuideProps) {
  return (
    <Card title={`${choices.client.title}, on each machine that pulls`}>
      {guide.warnings.length > 0 && (
        <ul class="setup-warnings">
          {guide.warnings.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <GuideSteps steps={guide.steps} />
      {guide.undo.length > 0 && (
        <details>
          <summary>To undo it</summary>
          <GuideSteps steps={guide.undo} what="to undo it" />
        </details>
      )}
    </Card>
  )
}

function Check({ choices, guide }: GuideProps) {
  const { origin } = choices.wanted
  return (
    <Card title="Does it work?">
      <GuideSteps steps={[{ title: 'Pull something', text: guide.check }]} />
      <LiveCheck />
      <details>
        <summary>Nothing arrives?</summary>
        <ul class="setup-warnings">
          <li>
            Ask from the machine that pulls. An answer of <code>{'{}'}</code>, or one that wants a
            login, says that it reaches the server:
          </li>
        </ul>
        <GuideSteps steps={[{ title: 'Run there', text: `curl -i ${urlOf(origin)}/v2/` }]} />
        <ul class="setup-warnings">
          <li>
            Could not resolve host, or connection refused: the address above is wrong there, or a
            firewall stands between.
          </li>
          <li>
            A certificate problem: the client doesn’t trust the CA, or the address isn’t among the
            certificate’s names below.
          </li>
          <li>
            An HTTP response to an HTTPS client, or the other way round: the address begins with the
            wrong scheme.
          </li>
          <li>
            It answers, but no pull is seen: the client has the image already, or hasn’t read its
            configuration since; restart it.
          </li>
        </ul>
      </details>
    </Card>
  )
}
