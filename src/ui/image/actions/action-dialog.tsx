import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { answers } from '../../api/answers.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Fault } from '../../parts/fault.tsx'
import { Waiting } from '../../parts/waiting.tsx'
import { type Planned, runAll, usePlans, type Work } from './use-plans.ts'

export type ActionProps<Plan, Answer> = {
  readonly title: string
  readonly work: Work
  /** What would happen to one image, or to all of them together. */
  readonly tell: (plan: Plan, image: string) => ComponentChildren
  readonly tellAll?: (plans: readonly Plan[]) => ComponentChildren
  /** On the button: `Evict`. */
  readonly word: string
  readonly isDanger?: boolean
  /** Whether there is nothing to do. */
  readonly isVain?: (plan: Plan) => boolean
  /** What has happened. */
  readonly tellDone: (answers: readonly Answer[], plans: readonly Plan[]) => ComponentChildren
  /** What is chosen first. */
  readonly children?: ComponentChildren
  /** `isDone`: whether anything was done. */
  readonly onClose: (isDone: boolean) => void
}

/** Says what would happen before it is done, and afterwards what has. */
export function ActionDialog<Plan, Answer>(props: ActionProps<Plan, Answer>) {
  const { title, work, onClose } = props
  const [done, setDone] = useState<Done<Plan, Answer>>()
  const plans = usePlans<Plan>(work)
  return (
    <Dialog title={title} onClose={() => onClose(done !== undefined)}>
      {done ? (
        <Told {...props} done={done} />
      ) : (
        <Asked key={JSON.stringify(work)} {...props} plans={plans} onDone={setDone} />
      )}
    </Dialog>
  )
}

type Done<Plan, Answer> = {
  readonly plans: readonly Plan[]
  readonly results: readonly Planned<Answer>[]
}

type AskedProps<Plan, Answer> = ActionProps<Plan, Answer> & {
  readonly plans: readonly Planned<Plan>[] | undefined
  readonly onDone: (done: Done<Plan, Answer>) => void
}

function Asked<Plan, Answer>(props: AskedProps<Plan, Answer>) {
  const { work, plans, word, isDanger = false, isVain, children, onDone } = props
  const [isRunning, setRunning] = useState(false)
  const good = plans?.filter(({ error }) => error === undefined) ?? []
  const possible = good.filter(({ plan }) => plan === undefined || !isVain?.(plan))
  const run = () => {
    setRunning(true)
    const images = new Set(possible.map(({ image }) => image))
    const bodies = work.bodies.filter(({ image }) => images.has(image))
    void runAll<Answer>({ path: work.path, bodies }).then((results) => {
      onDone({ results, plans: possible.flatMap(({ plan }) => (plan === undefined ? [] : [plan])) })
      answers.invalidate()
    })
  }
  return (
    <>
      {children}
      <div class="action-plan">
        {plans ? <Plans {...props} plans={plans} /> : <NoPlan work={work} />}
      </div>
      <div class="dialog-actions">
        <button type="button" onClick={closeDialog}>
          Cancel
        </button>
        <button
          type="button"
          class={isDanger ? 'danger' : 'primary'}
          disabled={possible.length === 0 || isRunning}
          onClick={run}
        >
          {isRunning ? `${word}…` : word}
        </button>
      </div>
    </>
  )
}

function NoPlan({ work }: { readonly work: Work }) {
  return work.bodies.length > 0 ? <Waiting what="what it would do" /> : null
}

type PlansProps<Plan, Answer> = ActionProps<Plan, Answer> & {
  readonly plans: readonly Planned<Plan>[]
}

function Plans<Plan, Answer>({ plans, tell, tellAll }: PlansProps<Plan, Answer>) {
  const good = plans.flatMap(({ plan }) => (plan === undefined ? [] : [plan]))
  return (
    <>
      {tellAll && plans.length > 1 && good.length > 0 && <p>{tellAll(good)}</p>}
      <ul class="action-images">
        {plans.map(({ image, plan, error }) => (
          <li key={image}>
            {plans.length > 1 && <strong class="action-text">{image}</strong>}
            {error !== undefined && <Fault error={error} />}
            {plan !== undefined && <div>{tell(plan, image)}</div>}
          </li>
        ))}
      </ul>
    </>
  )
}

type ToldProps<Plan, Answer> = ActionProps<Plan, Answer> & { readonly done: Done<Plan, Answer> }

function Told<Plan, Answer>({ done, tellDone }: ToldProps<Plan, Answer>) {
  const { results, plans } = done
  const answers = results.flatMap(({ plan }) => (plan === undefined ? [] : [plan]))
  const failed = results.filter(({ error }) => error !== undefined)
  return (
    <>
      {answers.length > 0 && <div role="status">{tellDone(answers, plans)}</div>}
      {failed.map(({ image, error }) => (
        <div key={image}>
          <p class="action-text">{image} failed:</p>
          <Fault error={error} />
        </div>
      ))}
      <div class="dialog-actions">
        <button ref={focus} type="button" onClick={closeDialog}>
          Close
        </button>
      </div>
    </>
  )
}

/** The button that was pressed last isn't there any more. */
function focus(button: HTMLButtonElement | null): void {
  button?.focus()
}

/** So that it gives the focus back. */
function closeDialog(event: MouseEvent): void {
  if (event.currentTarget instanceof HTMLElement) event.currentTarget.closest('dialog')?.close()
}
