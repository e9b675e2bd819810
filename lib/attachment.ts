// The contract between an export and an encoder piped directly from it, by pipeline() or .pipe(): the export tells the encoder
// which report it is, and hands whole pages over by a direct call. The object-mode channel between them carries records only,
// so everything else that reads the export gets records; the bytes that come out are the same.

/** A page that an export hands over whole. */
export interface WholePage {
  /** Tells the export that the encoder has written nearly all of the page, so the next one may be fetched. */
  readonly release: (taker: Taker) => void
}

/** An encoder, as an export sees it. */
export interface Taker {
  /** Takes a page in the place of its records, behind everything that was written before. */
  readonly takePage: (page: WholePage) => void
}

/** An export, as an encoder sees it. */
export interface Attachment {
  readonly reportId: string
  /** Records of the whole report, as of now; undefined before the first page. */
  readonly total: number | undefined
  readonly startedAt: Date
  /** Ends the attachment: the encoder takes no more pages, and releases the one it has. */
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
