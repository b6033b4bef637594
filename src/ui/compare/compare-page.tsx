import './compare.css'
import { useEffect, useState } from 'preact/hooks'
import type { ImageAnswer } from '../../answers/image.ts'
import { withQuery } from '../api/ask.ts'
import { type Answered, useAnswer } from '../api/use-answer.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { splitImage } from '../image/image-name.ts'
import { Card } from '../parts/card.tsx'
import { Empty } from '../parts/empty.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { ConfigDiff } from './config-diff.tsx'
import { LayerDiff } from './layer-diff.tsx'

/** `#/compare?a=team/app:1&b=team/app:2`: what the one has that the other hasn't. */
export function ComparePage({ route: { query } }: PageProps) {
  const [a, b] = [query.get('a') ?? '', query.get('b') ?? '']
  const platform = query.get('platform') ?? undefined
  const one = useImage(a, platform)
  const other = useImage(b, platform)
  return (
    <>
      <PageHead title="Compare" />
      <Choose a={a} b={b} platforms={platformsOf(one.data, other.data)} platform={platform} />
      <Compared names={[a, b]} answers={[one, other]} />
    </>
  )
}

function useImage(name: string, platform: string | undefined): Answered<ImageAnswer> {
  return useAnswer<ImageAnswer>(name === '' ? undefined : withQuery('image', { name, platform }))
}

/** That both have, by their names: digests are the one's or the other's. */
function platformsOf(a: ImageAnswer | undefined, b: ImageAnswer | undefined): readonly string[] {
  const [one, other] = [a, b].map((image) =>
    (image?.manifests ?? []).flatMap(({ platform }) => platform ?? []),
  )
  return (one ?? []).filter((platform) => other?.includes(platform))
}

type ChooseProps = {
  readonly a: string
  readonly b: string
  readonly platforms: readonly string[]
  readonly platform: string | undefined
}

function Choose({ a, b, platforms, platform = '' }: ChooseProps) {
  const [one, setOne] = useState(a)
  const [other, setOther] = useState(b)
  useEffect(() => setOne(a), [a])
  useEffect(() => setOther(b), [b])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    changeQuery({ a: one.trim(), b: other.trim(), platform: undefined })
  }
  return (
    <form class="filters" onSubmit={submit}>
      <ImageField label="From" value={one} onInput={setOne} near={a || b} />
      <ImageField label="To" value={other} onInput={setOther} near={a || b} />
      {platforms.length > 0 && (
        <label>
          Platform
          <select
            value={platform}
            onChange={(event) => changeQuery({ platform: event.currentTarget.value || undefined })}
          >
            <option value="">the first that is here</option>
            {platforms.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="submit" class="primary">
        Compare
      </button>
    </form>
  )
}

type FieldProps = {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  /** Whose other tags are suggested. */
  readonly near: string
}

type Listed = { readonly images: readonly { readonly tag: string }[] }

function ImageField({ label, value, onInput, near }: FieldProps) {
  const { name } = splitImage(near)
  const path = near === '' ? undefined : withQuery('images', { repository: name, limit: 100 })
  const { data } = useAnswer<Listed>(path)
  const list = `compare-${label}`
  return (
    <label class="compare-field">
      {label}
      <input
        required
        value={value}
        list={list}
        placeholder="team/app:1"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <datalist id={list}>
        {data?.images.map(({ tag }) => (
          <option key={tag} value={`${name}:${tag}`} />
        ))}
      </datalist>
    </label>
  )
}

type ComparedProps = {
  readonly names: readonly [string, string]
  readonly answers: readonly [Answered<ImageAnswer>, Answered<ImageAnswer>]
}

function Compared({ names, answers }: ComparedProps) {
  const failed = answers.findIndex(({ error }) => error !== undefined)
  const failure = answers[failed]
  if (names.includes(''))
    return (
      <Empty title="Choose two images.">What is in both, and what only in one, stands here.</Empty>
    )
  if (failure)
    return (
      <>
        <p class="compare-name">{names[failed]}:</p>
        <Wall error={failure.error} retry={failure.retry} what="the image" />
      </>
    )
  const [{ data: a }, { data: b }] = answers
  if (!a || !b) return <Waiting what="both images" />
  if (a.digest === b.digest && a.shown === b.shown)
    return <Empty title="They are the same image, byte for byte." />
  return (
    <div class="cards">
      <Card title="Layers" class="wide">
        <LayerDiff names={names} a={a} b={b} />
      </Card>
      <Card title="Configuration" class="wide">
        <ConfigDiff names={names} a={a} b={b} />
      </Card>
    </div>
  )
}
