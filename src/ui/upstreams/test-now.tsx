import { useState } from 'preact/hooks'
import type { UpstreamTestAnswer } from '../../answers/upstreams.ts'
import { useSession } from '../api/session.ts'
import { useAction } from '../api/use-action.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatDuration } from '../parts/format.ts'
import { TableFrame } from '../parts/table-frame.tsx'
import { Waiting } from '../parts/waiting.tsx'

type Step = UpstreamTestAnswer['urls'][number]['steps'][number]

const words: Readonly<Record<Step['step'], string>> = {
  dns: 'Look the name up (DNS)',
  connect: 'Connect',
  tls: 'Secure the connection (TLS)',
  auth: 'Sign in',
  registry: 'Ask the registry (/v2/)',
}

/** Goes through what a pull goes through, and shows where it ends. */
export function TestNow({ name }: { readonly name: string }) {
  const { data: session } = useSession()
  const { run, data, error, isRunning } = useAction<{ upstream: string }, UpstreamTestAnswer>({
    path: 'upstreams/test',
  })
  const [tested, setTested] = useState('')
  const test = () => {
    setTested(name)
    run({ upstream: name })
  }
  return (
    <Card title="Test" class="wide">
      {session?.admin ? (
        <button type="button" disabled={isRunning} onClick={test}>
          Test now
        </button>
      ) : (
        <p class="muted">An admin can test it step by step.</p>
      )}
      <div role="status">
        {isRunning && <Waiting what={`${name} to answer: that takes up to 20 seconds`} />}
      </div>
      {error && tested === name && <Fault error={error} retry={test} />}
      {tested === name &&
        data?.urls.map(({ url, steps }) => <Steps key={url} url={url} steps={steps} />)}
    </Card>
  )
}

function Steps({ url, steps }: { readonly url: string; readonly steps: readonly Step[] }) {
  return (
    <TableFrame label={`The test of ${url}`}>
      <table class="rows test-steps">
        <caption>{url}</caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Result</th>
            <th scope="col" class="numeric">
              Took
            </th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ step, result, milliseconds, detail }) => (
            <tr key={step}>
              <th scope="row">{words[step]}</th>
              <td>
                <Badge kind={result === 'ok' ? 'ok' : 'error'}>{result}</Badge>
              </td>
              <td class="numeric">{formatDuration(milliseconds)}</td>
              <td class="found">{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}
