import { useMemo } from 'preact/hooks'
import type { DocumentAnswer } from '../../answers/image.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { changeQuery } from '../frame/route.ts'
import { Choice } from '../parts/choice.tsx'
import { Code } from '../parts/code.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatBytes } from '../parts/format.ts'
import { Waiting } from '../parts/waiting.tsx'

type Document = 'top' | 'manifest' | 'config'

const ofIndex: readonly (readonly [Document, string])[] = [
  ['top', 'Index'],
  ['manifest', 'Platform’s manifest'],
  ['config', 'Config'],
]
const ofImage: typeof ofIndex = [
  ['top', 'Manifest'],
  ['config', 'Config'],
]

type Props = {
  /** `docker.io/library/node@sha256:…` */
  readonly image: string
  /** Of an index, what is shown of it. */
  readonly shown: string | undefined
  readonly name: string
  readonly chosen: string | null
  readonly platform: string | undefined
}

/** Longer ones make browsers slow. */
const mostCharacters = 300_000

/** The documents as they are kept. */
export function RawTab({ image, shown, name, chosen, platform }: Props) {
  const values = shown === undefined ? ofImage : ofIndex
  const of = values.find(([each]) => each === chosen)?.[0] ?? 'top'
  const asked = of === 'manifest' ? `${name}@${shown}` : image
  const query = of === 'config' ? { name: asked, of, platform } : { name: asked }
  const { data, error, isOld, retry } = useAnswer<DocumentAnswer>(withQuery('document', query))
  return (
    <>
      <Choice
        label="Document"
        values={values}
        chosen={of}
        onChoose={(next) => changeQuery({ of: next }, { replace: true })}
      />
      {error && <Fault error={error} retry={retry} />}
      {!error && (!data || isOld) && <Waiting what="the document" />}
      {!error && data && !isOld && <Shown document={data} />}
    </>
  )
}

function Shown({ document }: { readonly document: DocumentAnswer }) {
  const text = useMemo(() => indent(document.text), [document.text])
  const isCut = text.length > mostCharacters
  return (
    <>
      <p class="muted image-text">
        {document.mediaType}, {formatBytes(new Blob([document.text]).size)},{' '}
        <code>{document.digest}</code>. It is indented here; by its digest it isn’t.
      </p>
      {isCut && <p class="muted">Only the first part is shown.</p>}
      <Code text={isCut ? text.slice(0, mostCharacters) : text} label="the document" />
    </>
  )
}

function indent(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
