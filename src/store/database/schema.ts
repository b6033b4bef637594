import type { Generated } from 'kysely'
import type { TokenKind } from '../access-records.ts'
import type { TroubleKind } from '../chronicle-records.ts'
import type { VerifyRun } from '../verify-records.ts'
import type { SlotColumn } from './chronicle-columns.ts'
import type { LedgerColumn } from './ledger-columns.ts'
import type { LedgerMark } from './ledger-marks.ts'

/** The tables, as the newest migration leaves them. Times are milliseconds since 1970. */
export type Schema = {
  repositories: {
    id: Generated<number>
    upstream: string
    name: string
    /** When the first image was pushed to it; null of an upstream's, and where none was. */
    hosted_since: Generated<number | null>
  }
  blobs: {
    digest: string
    size_bytes: number
    /** Where it was first fetched from. */
    upstream: string
    first_fetched_at: number
    last_accessed_at: number
    /** When its bytes were last read and found right; null while they weren't since they came. */
    verified_at: Generated<number | null>
    /** Of whose `usage` it is, where that isn't its upstream: empty while a hosted repository has it. */
    counts_for: Generated<string | null>
  }
  /** How much is kept for each upstream's images, and empty: of what was pushed; triggers keep it true. */
  usage: { upstream: string; blobs: number; bytes: number }
  manifests: {
    digest: string
    size_bytes: number
    artifact_type: string | null
    subject: string | null
    /** As JSON; null where there are none, and of what was kept by an earlier version. */
    annotations: string | null
  }
  manifest_children: { manifest: string; child: string; media_type: string; size_bytes: number }
  images: {
    repository_id: number
    digest: string
    /** As this upstream gave it: bytes without a mediaType have only this. */
    media_type: string
    first_fetched_at: number
    last_pulled_at: number
    /** When it was pushed last; null of what was mirrored. */
    pushed_at: Generated<number | null>
  }
  repository_blobs: {
    repository_id: number
    digest: string
    /** When it was pushed; null for what an upstream serves. */
    linked_at: number | null
    /** Of what was pushed. */
    size_bytes: number | null
  }
  tags: {
    repository_id: number
    tag: string
    digest: string
    checked_at: number
    gone_at: number | null
  }
  tag_lists: { repository_id: number; entries: string; fetched_at: number }
  referrer_lists: { repository_id: number; subject: string; entries: string; fetched_at: number }
  pins: { pattern: string; pinned_at: number }
  evictions: {
    id: Generated<number>
    evicted_at: number
    upstream: string
    repository: string
    /** Of the image's manifest. */
    digest: string
    /** As JSON. */
    tags: string
    freed_bytes: number
    first_fetched_at: number
    last_pulled_at: number
    /** In words. */
    reason: string
  }
  evicted_blobs: { eviction_id: number; digest: string; size_bytes: number }
  access_tokens: {
    id: string
    name: string
    kind: TokenKind
    user_name: string | null
    secret_hash: string
    /** As JSON, and `repositories` too. */
    may: string | null
    repositories: string | null
    created_at: number
    expires_at: number | null
    last_used_at: number | null
  }
  /** Of who can log in with a password. */
  user_logins: { name: string; last_at: number }
  signing_keys: { id: string; secret: string; created_at: number }
  switches: { name: string; is_on: number }
  /** Who did what, or tried to. */
  audit: {
    id: Generated<number>
    at: number
    /** When it happened for the last of `times`. */
    last_at: number
    times: number
    who: string
    /** The address; null for the command line. */
    client: string | null
    what: string
    subject: string
    result: string
    detail: string | null
  }
  /** What was pulled; see ledger-levels.ts. Its times are hours since 1970. */
  ledger: {
    level: number
    /** When what it sums up began. */
    hour: number
    /** 0 where it sums up all. */
    party: number
    image: number
    outcome: number
  } & Record<LedgerColumn, number>
  ledger_parties: {
    id: Generated<number>
    client: string
    user_name: string
    /** Not long before the last row that has it; none of a later time does. */
    last_hour: number
  }
  /** Of a whole upstream repository and tag are empty. */
  ledger_images: {
    id: Generated<number>
    upstream: string
    repository: string
    tag: string
    last_hour: number
  }
  ledger_marks: { name: LedgerMark; value: number }
  /** What upstreams said of their limits, by account and slot of some minutes. */
  budget_samples: {
    upstream: string
    account: string
    /** When the slot began. */
    at: number
    heard_at: number
    pull_limit: number
    remaining: number
    /** In the slot. */
    lowest: number
    window_seconds: number
  }
  /** How upstreams did, by URL and slot of some minutes or of an hour. */
  upstream_slots: {
    slot_ms: number
    /** When the slot began. */
    at: number
    upstream: string
    url: string
    /** 0 where it didn't. */
    answered_at: number
  } & Record<SlotColumn, number>
  /** What went wrong at them last. */
  upstream_troubles: {
    id: Generated<number>
    upstream: string
    url: string
    kind: TroubleKind
    repository: string
    message: string
    first_at: number
    last_at: number
    times: number
  }
  /** What webhooks are still to be told. */
  webhook_deliveries: {
    id: Generated<number>
    hook: string
    queued_at: number
    size_bytes: number
    body: string
  }
  /** How full the disk was, each ten minutes; of older times each hour. */
  space_samples: {
    at: number
    total_bytes: number
    used_bytes: number
    hosted_bytes: number
    pinned_bytes: number
    mirrored_bytes: number
    reclaimable_bytes: number
  }
  /** Verifications that were started by hand, and have ended. */
  verify_runs: {
    id: Generated<number>
    started_at: number
    ended_at: number
    state: VerifyRun['state']
    is_repair: number
    files: number
    bytes: number
    total_bytes: number
    found: number
    healed: number
    error: string | null
  }
  /** What was wrong, in words. */
  verify_findings: {
    id: Generated<number>
    found_at: number
    is_by_hand: number
    what: string
    finding: string
    outcome: string | null
    is_healed: number
    /** As JSON. */
    images: string
  }
  /** One row, written to find out whether anything can be. */
  pings: { id: number; count: number }
}
