import { useState } from 'preact/hooks'
import { changeQuery } from '../frame/route.ts'
import { Choice } from '../parts/choice.tsx'
import { lengthOf, ranges, showRange, type TrafficView } from './traffic-view.ts'

const own = 'own'

/** The last so many days, or times of one's own. */
export function RangeForm({ view }: { readonly view: TrafficView }) {
  const [isOpen, setOpen] = useState(false)
  const choose = (range: string) => {
    if (range === own) return setOpen(true)
    setOpen(false)
    changeQuery({ range, since: undefined, until: undefined })
  }
  const isOwn = isOpen || view.range === undefined
  return (
    <div class="range-form">
      <Choice
        label="Range"
        values={[...ranges, [own, 'From … to …']]}
        chosen={isOwn ? own : (view.range ?? own)}
        onChoose={choose}
      />
      {isOwn && <OwnRange key={`${view.since} ${view.until}`} view={view} />}
    </div>
  )
}

function OwnRange({ view }: { readonly view: TrafficView }) {
  const end = view.until ? Date.parse(view.until) : Date.now()
  const [from, setFrom] = useState(toInput(end - lengthOf(view)))
  const [to, setTo] = useState(toInput(end))
  const isWrong = !(Date.parse(from) < Date.parse(to))
  const submit = (event: Event) => {
    event.preventDefault()
    if (!isWrong) showRange(Date.parse(from), Date.parse(to))
  }
  return (
    <form class="own-range" onSubmit={submit}>
      <label>
        From
        <input
          type="datetime-local"
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        to
        <input
          type="datetime-local"
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={isWrong}>
        Show
      </button>
      {isWrong && <span role="status">The first time has to be before the second.</span>}
    </form>
  )
}

/** Local time, as the browser's own field has it. */
function toInput(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
