// The lock of a state file, so that two runs never use one state. The lock is the part folder of a file that is never completed. Like
// every part folder, it is taken over from a dead process: docs/adr/0028.
import { once } from 'node:events'
import { dirname } from 'node:path'
import type { Writable } from 'node:stream'
import { getReason } from '../../../shared/system-errors.js'
import { createFolder } from '../../../files/local/disk.js'
import { atomicFile } from '../../../index.js'
import { StateInUseError } from '../../errors/state-in-use-error.js'

export class RunLock {
  readonly #file: Writable

  private constructor(file: Writable) {
    this.#file = file
  }

  /** Rejects with a StateInUseError if another run has the lock. */
  static async acquire(statePath: string, signal: AbortSignal): Promise<RunLock> {
    signal.throwIfAborted()
    try {
      await createFolder(dirname(statePath))
    } catch (error) {
      throw new Error(
        `state ${statePath}: cannot be written: the folder ${dirname(statePath)} could not be created: ${getReason(error)}; ` +
          'give --state a file in a folder that can be written',
      )
    }
    const file = atomicFile(`${statePath}.lock`)
    const stop = () => file.destroy(signal.reason as Error)
    signal.addEventListener('abort', stop)
    try {
      await writeByte(file)
    } catch (error) {
      signal.throwIfAborted()
      throw toLockError(statePath, error as Error)
    } finally {
      signal.removeEventListener('abort', stop)
    }
    return new RunLock(file)
  }

  /** Resolves when other runs may use the state. */
  async release(): Promise<void> {
    this.#file.destroy()
    if (!this.#file.closed) await once(this.#file, 'close')
  }
}

/** Resolves when the file is open. Rejects if another process has it open. */
function writeByte(file: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    file.on('error', reject)
    file.write('\n', (error) => (error ? reject(error) : resolve()))
  })
}

/** The cause of an error of `atomicFile` if another process has the lock. */
interface LockHolder {
  readonly lock?: string
  readonly owner?: { readonly pid: number; readonly host: string; readonly since: string }
}

/** Returns a StateInUseError if another process has the lock; otherwise the error itself. */
function toLockError(statePath: string, error: Error): Error {
  const { lock, owner } = Object(error.cause) as LockHolder
  if (lock === undefined) return error
  const holder = owner ? `process ${owner.pid} on ${owner.host}, since ${owner.since}` : 'unknown'
  return new StateInUseError(
    `state ${statePath}: another run uses it (${holder}); nothing was run. If there is no such process, remove ${lock}`,
  )
}
