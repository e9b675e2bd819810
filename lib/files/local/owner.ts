// Names the process that writes a file, and finds out whether that process still runs.
import { randomUUID } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'

export interface Owner {
  readonly id: string
  /** Identifies the machine and, on Linux, its last start and the container, because a process id is valid only there. */
  readonly machine: string
  readonly host: string
  readonly pid: number
  /** The start time of the process, because the system reuses process ids; the text `undefined` if it is unknown. */
  readonly started: string
  readonly since: string
}

export async function createOwner(): Promise<Owner> {
  const { pid } = process
  const { started } = await readProcess(pid)
  return {
    id: randomUUID(),
    machine: await getMachineId(),
    host: hostname(),
    pid,
    started,
    since: new Date().toISOString(),
  }
}

export function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner
    return /^[\da-f-]{36}$/.test(owner.id) ? owner : undefined
  } catch {
    return undefined
  }
}

/** Returns whether the process runs, or `undefined` if {@link Owner.machine} differs, so that this process cannot know it. */
export async function isAlive({ machine, pid, started }: Owner): Promise<boolean | undefined> {
  if (machine !== (await getMachineId())) return undefined
  if (!hasProcess(pid)) return false
  const now = await readProcess(pid)
  return now.started === started && !/[ZX]/.test(now.state)
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it exists and belongs to another user
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Returns the state and the start time of a process: fields 3 and 22 of `/proc/pid/stat`; field 2 ends with `)`. Source: proc(5). */
async function readProcess(pid: number): Promise<{ state: string; started: string }> {
  const stat = await readOrEmpty(readFile(`/proc/${pid}/stat`, 'utf8'))
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0]!, started: String(fields[19]) }
}

async function getMachineId(): Promise<string> {
  const boot = await readOrEmpty(readFile('/proc/sys/kernel/random/boot_id', 'utf8'))
  return `${hostname()} ${boot.trim()} ${await readOrEmpty(readlink('/proc/self/ns/pid'))}`
}

const readOrEmpty = (text: Promise<string>) => text.catch(() => '')
