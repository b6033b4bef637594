import { Copy } from './copy.tsx'

type Props = {
  readonly text: string
  /** What it is: `the command`, `hosts.toml`. */
  readonly label: string
  /** Above it: where it belongs. */
  readonly caption?: string
}

/** A command or a file to copy. */
export function Code({ text, label, caption }: Props) {
  return (
    <figure class="code">
      {caption !== undefined && <figcaption>{caption}</figcaption>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section class="code-text" tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <Copy text={text} label={label} />
    </figure>
  )
}
