import { formatBytes } from '../config/units.ts'
import type { ImageConfig, Inspection } from './catalog-answers.ts'
import { formatAgo } from './human-values.ts'
import { formatTable, toPlainLine } from './table.ts'

type Rows = readonly (readonly string[])[]

const indent = '  '

/** An image for people: what it is, then what it consists of. */
export function formatInspection(inspection: Inspection, now: number): string {
  const { name, digest, manifests, config, layers, referrers } = inspection
  const shown = manifests.find((each) => each.digest === inspection.shown)
  const of = shown ? ` of ${shown.platform ?? shown.digest}` : ''
  return [
    `${toPlainLine(name)}@${digest}\n`,
    formatTable(overviewOf(inspection, now), indent),
    section('Platforms', [
      ...headed(['PLATFORM', 'DIGEST', 'SIZE', 'KEPT'], manifests, (each) => {
        return [each.platform ?? '', each.digest, formatBytes(each.size), yesOrNo(each.kept)]
      }),
    ]),
    section(`Config${of}`, config ? configRows(config) : []),
    section(
      `Layers${of}`,
      headed(['DIGEST', 'SIZE', 'KEPT', 'MEDIA TYPE'], layers, (each) => {
        return [each.digest, formatBytes(each.size), yesOrNo(each.kept), each.mediaType]
      }),
    ),
    section(
      'Referrers',
      headed(['ARTIFACT TYPE', 'DIGEST', 'SIZE'], referrers, (each) => {
        return [each.artifactType ?? each.mediaType, each.digest, formatBytes(each.size)]
      }),
    ),
  ].join('')
}

function overviewOf(inspection: Inspection, now: number): Rows {
  const { created, tags, annotations, hosted, lastPull } = inspection
  return [
    ['Kind', hosted ? 'hosted' : 'mirrored'],
    ['Media type', inspection.mediaType],
    ...told('Artifact type', inspection.artifactType),
    ['Size', `${formatBytes(inspection.size)}, manifest ${formatBytes(inspection.manifestSize)}`],
    ...told('Created', created && `${created} (${formatAgo(created, now)})`),
    ['Last pull', lastPull ? `${lastPull} (${formatAgo(lastPull, now)})` : 'never'],
    ...told('Description', inspection.description),
    ['Tags', tags.join(', ') || 'none'],
    ...told('Subject', inspection.subject),
    ...listed('Annotations', pairs(annotations)),
  ]
}

function configRows(config: ImageConfig): Rows {
  const { os, architecture, created, entrypoint, cmd } = config
  return [
    ['Digest', `${config.digest}${config.kept ? '' : ' (not kept)'}`],
    ...told('Platform', [os, architecture].filter(Boolean).join('/')),
    ...told('Created', created),
    ...told('Entrypoint', entrypoint?.length ? JSON.stringify(entrypoint) : undefined),
    ...told('Cmd', cmd?.length ? JSON.stringify(cmd) : undefined),
    ...told('User', config.user),
    ...told('Working dir', config.workingDir),
    ...told('Ports', config.exposedPorts?.join(', ')),
    ...listed('Env', config.env ?? []),
    ...listed('Labels', pairs(config.labels ?? {})),
  ]
}

function section(title: string, rows: Rows): string {
  return rows.length === 0 ? '' : `\n${toPlainLine(title)}\n${formatTable(rows, indent)}`
}

function headed<T>(
  headings: readonly string[],
  entries: readonly T[],
  toRow: (entry: T) => readonly string[],
): Rows {
  return entries.length === 0 ? [] : [headings, ...entries.map(toRow)]
}

function told(title: string, text: string | undefined): Rows {
  return text ? [[title, text]] : []
}

/** One a line, the title before the first. */
function listed(title: string, texts: readonly string[]): Rows {
  return texts.map((text, index) => [index === 0 ? title : '', text])
}

function pairs(record: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(record).map(([name, text]) => `${name}=${text}`)
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no'
}
