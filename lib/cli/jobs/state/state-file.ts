// The state of the jobs between runs: one JSON file. It is replaced as a whole, so that a kill leaves the old or the new one.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getReason } from '../../../shared/system-errors.js'
import { createFolder } from '../../../files/local/disk.js'
import type { FileFacts } from '../../../files/file-facts.js'
import { atomicFile } from '../../../index.js'
import { UsageError } from '../../errors/usage-error.js'

/** A success of a job, with the facts that tell whether its target is unchanged. */
export interface JobSuccess {
  readonly finishedAt: string
  readonly seconds: number
  readonly rows: number
  /** The size of the files that the run wrote, or of the decoded pages of a load. */
  readonly bytes: number
  readonly settingsHash: string
  readonly files?: readonly FileFingerprint[] | undefined
  readonly dataset?: DatasetFingerprint | undefined
  readonly loadId?: string | undefined
}

export interface FileFingerprint extends FileFacts {
  readonly path: string
}

export interface DatasetFingerprint {
  readonly manifest: string
  readonly runId: string
}

export interface JobHistory {
  /** The last run in which the job was tried. */
  readonly runId: string
  /** The last run in which the job was fresh, and so not tried. A `--resume` of that run does not try it either. */
  readonly freshRunId?: string | undefined
  readonly result: 'complete' | 'failed' | 'stopped' | 'not exportable'
  readonly code: string | undefined
  readonly finishedAt: string
  readonly seconds: number
  readonly retries: number
  readonly restarts: number
  /** The number of differences that the run found; absent in a state that an older version wrote. */
  readonly changes?: number
  readonly lastSuccess: JobSuccess | undefined
  /** Totals since the state file was created. */
  readonly totals: {
    readonly runs: number
    readonly failures: number
    readonly retries: number
    readonly restarts: number
  }
  /** The page size that the server could answer, and the `limit` that was too large for it. */
  readonly pageSize?: { readonly limit: number; readonly records: number } | undefined
}

interface StateContent {
  readonly version: 1
  /** The id of the last run. A run with `--resume` or `--only` has the same id. */
  readonly runId: string | undefined
  readonly jobs: Readonly<Record<string, JobHistory>>
  /** The names of the jobs of each collection, one per report, from the last time that it was listed. */
  readonly collections?: Readonly<Record<string, readonly string[]>>
}

const EMPTY: StateContent = { version: 1, runId: undefined, jobs: {} }

export class StateFile {
  readonly #path: string
  #content: StateContent
  #lastWrite: Promise<void> = Promise.resolve()

  private constructor(path: string, content: StateContent) {
    this.#path = path
    this.#content = content
  }

  /** Reads the file. A missing file is an empty state. Rejects with a UsageError if the file cannot be read. */
  static async read(path: string): Promise<StateFile> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new UsageError(`state ${path}: could not be read: ${getReason(error)}`)
    })
    return new StateFile(path, text === undefined ? EMPTY : parseState(path, text))
  }

  /** The id of the run that `--resume` continues. */
  get runId(): string | undefined {
    return this.#content.runId
  }

  get(name: string): JobHistory | undefined {
    return Object.hasOwn(this.#content.jobs, name) ? this.#content.jobs[name] : undefined
  }

  getCollectionJobs(name: string): readonly string[] | undefined {
    const { collections = {} } = this.#content
    return Object.hasOwn(collections, name) ? collections[name] : undefined
  }

  /** Sets the names of the jobs of a collection. They are written with the next history of a job. */
  setCollectionJobs(name: string, jobs: readonly string[]): void {
    this.#content = { ...this.#content, collections: { ...this.#content.collections, [name]: jobs } }
  }

  /** Begins a run, or continues the last one. Resolves to the id of the run when the file has it. */
  async begin(isContinued: boolean): Promise<string> {
    const runId = (isContinued ? this.#content.runId : undefined) ?? randomUUID()
    this.#content = { ...this.#content, runId }
    await this.#write()
    return runId
  }

  /** Stores the history of a job. Resolves when it is on the disk. */
  async set(name: string, history: JobHistory): Promise<void> {
    this.#content = { ...this.#content, jobs: { ...this.#content.jobs, [name]: history } }
    await this.#write()
  }

  /** Writes the file when the previous write has ended. */
  #write(): Promise<void> {
    const write = async () => {
      await createFolder(dirname(this.#path))
      const text = `${JSON.stringify(this.#content, null, 2)}\n`
      await pipeline(Readable.from([Buffer.from(text)]), atomicFile(this.#path))
    }
    this.#lastWrite = this.#lastWrite.catch(() => undefined).then(write)
    return this.#lastWrite
  }
}

function parseState(path: string, text: string): StateContent {
  try {
    const content = JSON.parse(text) as Partial<StateContent> | null
    if (content?.version === 1 && content.jobs && typeof content.jobs === 'object') return content as StateContent
  } catch {
    // the error is thrown below
  }
  throw new UsageError(`state ${path}: expected the state of an earlier run; remove the file to begin without it`)
}
