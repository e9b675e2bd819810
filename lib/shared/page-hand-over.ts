// The contract between an export and an encoder piped directly from it, by pipeline() or .pipe(): the export tells the encoder
// which report it is, and hands whole pages over by a direct call. The object-mode channel between them carries records only,
// so everything else that reads the export gets records; the bytes that come out are the same.

/** A page that an export hands over whole. */
export interface PageInFlight {
  /** Tells the export that the encoder has written nearly all of the page, so the next one may be fetched. */
  readonly release: (consumer: PageConsumer) => void
}

/** An encoder, as an export sees it. It gets whole pages as long as it is attached. */
export interface PageConsumer {
  /** Takes a page in the place of its records, behind everything that was written before. */
  readonly takePage: (page: PageInFlight) => void
}

/** An export, as an attached encoder sees it. */
export interface PageHandOver {
  readonly reportId: string
  /** Records of the whole report, as of now; undefined before the first page. */
  readonly total: number | undefined
  readonly startedAt: Date
  /** Ends the hand-over: the encoder gets no more pages, and the export counts the one it has as released. */
  detach(): void
}

/** The method of a stream to which page consumers attach. */
export const attach: unique symbol = Symbol('optimize-export.attach')

/** The property of a stream that knows the columns of its rows before the first of them: their names. */
export const knownColumns: unique symbol = Symbol('optimize-export.columns')

/** The names of the columns that a stream knows; undefined where it knows none. */
export function getKnownColumns(stream: unknown): readonly string[] | undefined {
  return (stream as { readonly [knownColumns]?: readonly string[] } | undefined)?.[knownColumns]
}

/** Attaches an encoder to a stream, if that is an export. */
export function attachPageConsumer(stream: unknown, consumer: PageConsumer): PageHandOver | undefined {
  if (typeof stream !== 'object' || stream === null || !(attach in stream)) return undefined
  return (stream as { [attach](consumer: PageConsumer): PageHandOver })[attach](consumer)
}
