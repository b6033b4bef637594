import type { ConfigAnswer, ImageAnswer } from '../../answers/image.ts'
import { Empty } from '../parts/empty.tsx'
import { Facts } from './facts.tsx'
import { splitVariable } from './split-variable.ts'

/** How it runs, and what it says of itself. */
export function ConfigTab({ image }: { readonly image: ImageAnswer }) {
  const { config, annotations } = image
  return (
    <>
      {config?.env === undefined ? <NoConfig config={config} /> : <Config config={config} />}
      <Pairs title="Annotations" pairs={Object.entries(annotations)} />
    </>
  )
}

function Config({ config }: { readonly config: ConfigAnswer }) {
  const { os, architecture, user, workingDir, env = [], exposedPorts = [], labels = {} } = config
  return (
    <>
      <Facts
        facts={[
          ['Platform', [os, architecture].filter(Boolean).join('/') || 'it doesn’t say'],
          ['Entrypoint', <Words key="entrypoint" words={config.entrypoint} />],
          ['Command', <Words key="cmd" words={config.cmd} />],
          ['User', user ?? 'root'],
          ['Working directory', workingDir ?? '/'],
          ['Ports', exposedPorts.length === 0 ? 'none' : exposedPorts.join(', ')],
        ]}
      />
      <Pairs title="Environment" pairs={env.map(splitVariable)} />
      <Pairs title="Labels" pairs={Object.entries(labels)} />
    </>
  )
}

function NoConfig({ config }: { readonly config: ConfigAnswer | undefined }) {
  if (config?.kept === false)
    return <Empty title="Its configuration isn’t here yet.">The first pull brings it.</Empty>
  return <Empty title="It has no image’s configuration.">What it has is under Raw.</Empty>
}

function Words({ words = [] }: { readonly words?: readonly string[] | undefined }) {
  return words.length === 0 ? 'none' : <code class="image-text">{JSON.stringify(words)}</code>
}

type PairsProps = {
  readonly title: string
  readonly pairs: readonly (readonly [name: string, value: string])[]
}

function Pairs({ title, pairs }: PairsProps) {
  if (pairs.length === 0) return null
  return (
    <section class="image-pairs">
      <h3>{title}</h3>
      <div class="table-frame">
        <table class="rows">
          <caption class="unseen">{title}</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {pairs.map(([name, value]) => (
              <tr key={name}>
                <th scope="row" class="mono image-text">
                  {name}
                </th>
                <td class="mono image-text">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
