// Runs the command in this process: its output, its exit code, and signals to it.
import { EventEmitter, once } from 'node:events'
import { Writable } from 'node:stream'
import { run } from '../../../lib/cli/command-line.js'

/** A stream that keeps its chunks. */
export class CapturedStream extends Writable {
  text = ''
  readonly chunks: Buffer[] = []
  readonly isTTY: boolean | undefined
  readonly columns = 100

  constructor(isTTY?: boolean) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error) => void): void {
    this.text += chunk.toString()
    this.chunks.push(chunk)
    this.emit('captured')
    done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Resolves when this text has been written. */
  async waitForText(part: string | RegExp): Promise<void> {
    while (!(typeof part === 'string' ? this.text.includes(part) : part.test(this.text))) await once(this, 'captured')
  }
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly stdout?: CapturedStream
  readonly stderr?: CapturedStream
}

export interface Running {
  readonly stdout: CapturedStream
  readonly stderr: CapturedStream
  readonly code: Promise<number>
  signal(name: NodeJS.Signals): void
}

export function startCommand(
  argv: string[],
  { env = {}, stdout = new CapturedStream(), stderr = new CapturedStream() }: CommandOptions = {},
): Running {
  const process = Object.assign(new EventEmitter(), { stdout, stderr, env })
  return { stdout, stderr, code: run(argv, process), signal: (name) => void process.emit(name) }
}

export async function runCommand(argv: string[], options: CommandOptions = {}) {
  const { stdout, stderr, code } = startCommand(argv, options)
  return { code: await code, stdout: stdout.text, stderr: stderr.text, bytes: stdout.bytes }
}
