/** Takes the bytes of one file. */
export interface Sink {
  write(bytes: Buffer): Promise<void>
  /** Ends the writing: all bytes are with the system, and those of a file are on the disk. */
  finish(): Promise<void>
  /** Removes at once what only an unfinished file needs. */
  discard(): void
  /** Resolves when nothing is open any more. */
  close(): Promise<void>
}
