// What an export and an encoder attached straight to it, by pipeline() or .pipe(), have to do with each other: the export
// tells what it knows, and hands records over by the page. With anything in between there is no attachment, and an export
// that anyone else listens to hands out its records one by one; what comes out is the same.

/** An encoder, as an export sees it: somebody who takes pages and releases them. */
export type Taker = object

/** An export, as an encoder sees it. */
export interface Attachment {
  readonly reportId: string
  /** Records of the whole report, as of now; undefined before the first page. */
  readonly total: number | undefined
  readonly startedAt: Date
  /** The encoder takes nothing more. */
  detach(): void
}

/** The method of a stream that can be attached to. */
export const attach: unique symbol = Symbol('optimize-export.attach')

/** The property of a stream that knows the columns of its rows before the first of them: their names. */
export const knownColumns: unique symbol = Symbol('optimize-export.columns')

/** The names of the columns that a stream knows; undefined where it knows none. */
export function columnsKnownTo(stream: unknown): readonly string[] | undefined {
  return (stream as { readonly [knownColumns]?: readonly string[] } | undefined)?.[knownColumns]
}

/** Attaches an encoder to a stream, if that is an export. */
export function attachTo(stream: unknown, taker: Taker): Attachment | undefined {
  if (typeof stream !== 'object' || stream === null || !(attach in stream)) return undefined
  return (stream as { [attach](taker: Taker): Attachment })[attach](taker)
}
