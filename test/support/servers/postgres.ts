// Starts a PostgreSQL server in a temporary folder, if the server is installed. It listens on a socket in that folder only.
import { execFile, execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Postgres {
  /** The connection settings for `psql`. */
  readonly env: NodeJS.ProcessEnv
  /** The folder of its data. */
  readonly data: string
  stop(): Promise<void>
  /** Stops the server as a crash would, until {@link restartNow}. Blocks this process. */
  stopNow(): void
  /** Stops the server as a crash would if it runs, and starts it again. Blocks this process. */
  restartNow(): void
  /** Reads `pg_hba.conf` again. */
  reload(): Promise<void>
}

function listFolders(): string[] {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : []
  return [...versions.map((version) => join(debian, version, 'bin')), ...(process.env['PATH'] ?? '').split(delimiter)]
}

const findFolder = (...programs: string[]) =>
  listFolders().find((folder) => programs.every((name) => existsSync(join(folder, name))))

/**
 * Starts a server, or returns the reason why there is none; if `REQUIRE_POSTGRES` is set, throws the reason. The server ends when this
 * process exits, unless the process is killed.
 */
export async function startPostgres(): Promise<Postgres | string> {
  const started = await startIfInstalled()
  if (typeof started === 'string' && process.env['REQUIRE_POSTGRES'])
    throw new Error(`REQUIRE_POSTGRES is set, but ${started}`)
  return started
}

async function startIfInstalled(): Promise<Postgres | string> {
  const bin = findFolder('initdb', 'pg_ctl', 'postgres')
  if (bin === undefined) return 'the server of PostgreSQL is not installed'
  if (findFolder('psql') === undefined) return 'psql is not installed'
  const folder = mkdtempSync(join(tmpdir(), 'pg-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  // the server refuses to run as root
  const account = process.getuid?.() === 0 ? await findAccount('postgres') : undefined
  if (process.getuid?.() === 0 && !account) return 'root must not run PostgreSQL, and there is no user postgres'
  if (account) for (const path of [folder, data]) chownSync(path, account.uid, account.gid)
  const runOptions = { ...account, cwd: folder, env: { PATH: process.env['PATH'] } }
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], runOptions)
  const options = `-c listen_addresses='' -c unix_socket_directories='${folder}' -c fsync=off`
  await run(join(bin, 'pg_ctl'), ['-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start'], runOptions)
  const toStop = [join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], runOptions] as const
  const removeFolder = () => rmSync(folder, { recursive: true })
  const stopNow = () => {
    execFileSync(...toStop)
  }
  const stopAtExit = () => {
    stopNow()
    removeFolder()
  }
  process.once('exit', stopAtExit)
  const stop = async () => {
    process.off('exit', stopAtExit)
    await run(...toStop)
    removeFolder()
  }
  const restartNow = () => {
    const argv = ['-D', data, '-l', join(folder, 'log'), '-o', options, '-w', '-m', 'immediate', 'restart']
    execFileSync(join(bin, 'pg_ctl'), argv, { ...runOptions, stdio: 'ignore' })
  }
  const reload = async () => {
    await run(join(bin, 'pg_ctl'), ['-D', data, 'reload'], runOptions)
  }
  const control = { data, stop, stopNow, restartNow, reload }
  return { env: { PGHOST: folder, PGUSER: 'postgres', PGDATABASE: 'postgres', PSQLRC: '/dev/null' }, ...control }
}

async function findAccount(user: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
    )
    return { uid: uid!, gid: gid! }
  } catch {
    return undefined
  }
}
