import { useState } from 'preact/hooks'
import { Dialog } from '../parts/dialog.tsx'
import { keyHelp } from './keys.ts'
import { areKeysOn, switchKeys } from './single-keys.ts'

export function KeyList({ onClose }: { readonly onClose: () => void }) {
  const [areOn, setOn] = useState(areKeysOn)
  const change = (isOn: boolean) => {
    switchKeys(isOn)
    setOn(isOn)
  }
  return (
    <Dialog title="Keys" onClose={onClose}>
      <label class="check">
        <input
          type="checkbox"
          checked={areOn}
          onChange={(event) => change(event.currentTarget.checked)}
        />
        Single keys do something
      </label>
      <dl class="key-list">
        {keyHelp.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
