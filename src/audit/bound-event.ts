import type { AuditEvent } from './any-audit.ts'

/**
 * An image's longest name is of 255 characters, its digest of 135. A record takes at most 850 characters, in
 * memory 1.7 KB.
 */
const longest = { who: 150, from: 60, subject: 440, detail: 200 } as const

/** The same with no text longer than is kept. */
export function boundEvent(event: AuditEvent): AuditEvent {
  const { who, from, subject, detail } = event
  return {
    ...event,
    who: cut(who, longest.who),
    from: from === undefined ? undefined : cut(from, longest.from),
    subject: cut(subject, longest.subject),
    detail: detail === undefined ? undefined : cut(detail, longest.detail),
  }
}

function cut(text: string, most: number): string {
  // Half of a pair isn't text, and no database takes it.
  return (text.length > most ? `${text.slice(0, most - 1)}…` : text).toWellFormed()
}
