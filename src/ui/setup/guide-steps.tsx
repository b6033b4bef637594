import { Code } from '../parts/code.tsx'
import type { Step } from './guide.ts'

/** What to put where, or to run, one after the other. */
export function GuideSteps({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol class="guide-steps">
      {steps.map(({ title, file, text }) => (
        <li key={`${title} ${file ?? ''}`}>
          <p>{title}:</p>
          <Code
            text={text}
            label={file ?? `the command: ${title}`}
            {...(file !== undefined && { caption: file })}
          />
        </li>
      ))}
    </ol>
  )
}
