// What an export tells an encoder that is attached straight to it, by pipeline() or .pipe(). With anything in between there is
// no attachment, and nothing else changes.

/** Facts about an export, as of now. */
export interface Attachment {
  readonly reportId: string
  /** Records of the whole report; undefined before the first page. */
  readonly total: number | undefined
  readonly startedAt: Date
}

/** The method of a stream that can be attached to. */
export const attach: unique symbol = Symbol('optimize-export.attach')

/** Gives the facts of a stream that has any. */
export function attachmentOf(stream: unknown): (() => Attachment) | undefined {
  if (typeof stream !== 'object' || stream === null || !(attach in stream)) return undefined
  const source = stream as { [attach](): Attachment }
  return () => source[attach]()
}
