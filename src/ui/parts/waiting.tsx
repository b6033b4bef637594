/** Says for what; shows itself only where that takes long enough to be noticed. */
export function Waiting({ what }: { readonly what: string }) {
  return (
    <p class="waiting muted" role="status">
      Waiting for {what}…
    </p>
  )
}
