import './setup.css'
import { Code } from '../parts/code.tsx'
import type { Step } from './guide.ts'

type Props = {
  readonly steps: readonly Step[]
  /** Tells lists of steps on one page apart, for who listens to it: `to undo it`. */
  readonly what?: string
}

/** What to put where, or to run, one after the other. */
export function GuideSteps({ steps, what }: Props) {
  return (
    <ol class="guide-steps">
      {steps.map(({ title, file, text }) => (
        <li key={`${title} ${file ?? ''}`}>
          <p>{title}:</p>
          <Code
            text={text}
            label={[file ?? 'the command', title, what].filter(Boolean).join(', ')}
            {...(file !== undefined && { caption: file })}
          />
        </li>
      ))}
    </ol>
  )
}
