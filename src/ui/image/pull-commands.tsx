import { useState } from 'preact/hooks'
import { Card } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { Code } from '../parts/code.tsx'
import { joinImage } from './image-name.ts'

export const clients = ['docker', 'podman', 'ctr', 'crane'] as const
export type Client = (typeof clients)[number]

type Props = {
  readonly name: string
  /** Undefined where it is shown by its digest. */
  readonly tag: string | undefined
  readonly digest: string
}

/** How to pull it from here, for the address that the page itself came from. */
export function PullCommands({ name, tag, digest }: Props) {
  const [client, setClient] = useState<Client>('docker')
  const [by, setBy] = useState<'tag' | 'digest'>('tag')
  const reference = by === 'tag' && tag !== undefined ? tag : digest
  const image = `${location.host}/${joinImage(name, reference)}`
  return (
    <Card
      title="Pull it"
      aside={
        <div class="image-pull-choices">
          {tag !== undefined && (
            <Choice
              label="Pull by"
              values={[
                ['tag', 'By tag'],
                ['digest', 'By digest'],
              ]}
              chosen={by}
              onChoose={setBy}
            />
          )}
          <Choice
            label="Client"
            values={clients.map((each) => [each, each] as const)}
            chosen={client}
            onChoose={setClient}
          />
        </div>
      }
    >
      <Code text={commandFor(client, image)} label="the command" />
      {client === 'docker' && location.protocol === 'http:' && (
        <p class="muted">
          docker takes this server without TLS only where its daemon.json names{' '}
          <code>{location.host}</code> under insecure-registries. Set-up says how.
        </p>
      )}
    </Card>
  )
}

/** Over plain HTTP each wants to be told. */
export function commandFor(client: Client, image: string): string {
  const isPlain = location.protocol === 'http:'
  switch (client) {
    case 'docker':
      return `docker pull ${image}`
    case 'podman':
      return `podman pull ${isPlain ? '--tls-verify=false ' : ''}${image}`
    case 'ctr':
      return `ctr images pull ${isPlain ? '--plain-http ' : ''}${image}`
    case 'crane':
      return `crane pull ${isPlain ? '--insecure ' : ''}${image} image.tar`
  }
}
