import type { ImageAnswer, ReferrerAnswer } from '../../answers/image.ts'
import { hrefOf } from '../frame/route.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes } from '../parts/bytes.tsx'
import { Empty } from '../parts/empty.tsx'
import { shortDigest } from '../parts/format.ts'
import { joinImage } from './image-name.ts'

/** Signatures, SBOMs and attestations: what refers to it, and what refers to that. */
export function AttachedTab({ image }: { readonly image: ImageAnswer }) {
  const { name, referrers, manifests } = image
  const attestations = manifests
    .filter(({ attests }) => attests !== undefined)
    .map((listed) => ({ ...listed, artifactType: 'attestation', referrers: [] }))
  const all = [...referrers, ...attestations]
  if (all.length === 0)
    return (
      <Empty title="Nothing is attached to it.">
        Signatures, SBOMs and attestations stand here, once some were pushed, or asked for through
        this mirror.
      </Empty>
    )
  return <Tree name={name} referrers={all} />
}

function Tree({
  name,
  referrers,
}: {
  readonly name: string
  readonly referrers: readonly ReferrerAnswer[]
}) {
  return (
    <ul class="image-tree">
      {referrers.map((referrer) => (
        <li key={`${referrer.digest} ${referrer.tag}`}>
          <span class="image-badges">
            <strong>{kindOf(referrer)}</strong>
            <span class="muted mono">{referrer.artifactType ?? referrer.tag ?? ''}</span>
            <a class="mono" href={hrefOf('image', joinImage(name, referrer.digest))}>
              {shortDigest(referrer.digest)}
            </a>
            <Bytes value={referrer.size} />
            {referrer.kept ? <Badge kind="ok">here</Badge> : <Badge kind="off">yet to fetch</Badge>}
          </span>
          {referrer.referrers.length > 0 && <Tree name={name} referrers={referrer.referrers} />}
        </li>
      ))}
    </ul>
  )
}

const kinds: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/sbom|spdx|cyclonedx/i, 'SBOM'],
  [/in-?toto|attestation|provenance|\.att$/i, 'Attestation'],
  [/sig|cosign|notary/i, 'Signature'],
]

function kindOf({ artifactType = '', tag = '' }: ReferrerAnswer): string {
  return kinds.find(([pattern]) => pattern.test(`${artifactType} ${tag}`))?.[1] ?? 'Attached'
}
