import type { ImageAnswer } from '../../answers/image.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { Copy } from '../parts/copy.tsx'
import { When } from '../parts/when.tsx'
import { Facts } from './facts.tsx'
import { joinImage } from './image-name.ts'

/** What it is, and how it stands here. */
export function Summary({ image }: { readonly image: ImageAnswer }) {
  const { name, digest, subject } = image
  return (
    <Card title="At a glance">
      <Facts
        facts={[
          ['Kind', <Kind key="kind" image={image} />],
          [
            'Digest',
            <span key="digest" class="image-digest">
              <code>{digest}</code> <Copy text={digest} label="the digest" />
            </span>,
          ],
          ['Size', <Bytes key="size" value={image.size} />],
          ['First stored here', <When key="stored" at={image.stored} />],
          ['Made', <When key="made" at={image.created} unknown="it doesn’t say" />],
          ['Last pull', <When key="pull" at={image.lastPull} unknown="never pulled from here" />],
          ['Tags', <Tags key="tags" image={image} />],
          subject === undefined
            ? undefined
            : [
                'Is about',
                <a key="subject" class="mono" href={hrefOf('image', joinImage(name, subject))}>
                  {subject}
                </a>,
              ],
          image.artifactType === undefined ? undefined : ['Artifact type', image.artifactType],
          image.description === undefined ? undefined : ['Description', image.description],
        ]}
      />
    </Card>
  )
}

function Kind({ image: { hosted, pinnedBy } }: { readonly image: ImageAnswer }) {
  return (
    <span class="image-badges">
      <Badge kind="plain">{hosted ? 'pushed here' : 'mirrored'}</Badge>
      {pinnedBy !== undefined && (
        <span title={`by the pattern ${pinnedBy}`}>
          <Badge kind="ok">pinned</Badge>
        </span>
      )}
    </span>
  )
}

const mostTags = 20

function Tags({ image: { name, tags } }: { readonly image: ImageAnswer }) {
  if (tags.length === 0) return <span class="muted">none: it is found by its digest</span>
  return (
    <span class="image-badges">
      {tags.slice(0, mostTags).map((tag) => (
        <a key={tag} href={hrefOf('image', joinImage(name, tag))}>
          {tag}
        </a>
      ))}
      {tags.length > mostTags && <span class="muted">and {tags.length - mostTags} more</span>}
    </span>
  )
}
