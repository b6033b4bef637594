import { Dialog } from '../parts/dialog.tsx'
import { SignInForm } from './sign-in-form.tsx'

export function SignInDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Sign in" onClose={onClose}>
      <SignInForm onDone={onClose} />
    </Dialog>
  )
}
