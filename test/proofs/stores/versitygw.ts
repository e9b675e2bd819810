// An S3 store of another project: versitygw, which keeps its objects in a folder on the disk.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ACCESS_KEY, SECRET_KEY } from '../../support/servers/s3-server.js'
import { download } from '../support/download.js'
import { buildFolder } from '../support/folders.js'

const VERSION = 'v1.8.0'

/** Returns the program: that of VERSITYGW, or one that Go builds. Returns the problem if there is neither. */
export function findVersitygw(): { readonly program: string } | { readonly problem: string } {
  const { VERSITYGW: given } = process.env
  if (given !== undefined) return { program: given }
  const folder = join(buildFolder, 'go')
  const program = join(folder, 'versitygw')
  if (existsSync(program)) return { program }
  if (spawnSync('go', ['version']).status !== 0)
    return { problem: 'versitygw is a program of Go, and Go is not on this machine' }
  process.stdout.write(`building versitygw ${VERSION} …\n`)
  mkdirSync(folder, { recursive: true })
  const env = `GOBIN=${folder}`
  download(['env', env, 'GOFLAGS=-mod=mod', 'go', 'install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`])
  return { program }
}

export interface Store {
  readonly endpoint: string
  close(): Promise<void>
}

/** Starts the store with the bucket `lake`. */
export async function startVersitygw(program: string): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'versitygw-'))
  mkdirSync(join(folder, 'lake'))
  const port = await findFreePort()
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, 'posix', folder], {
    env: { ...process.env, ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  const remove = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', remove)
  const endpoint = `http://127.0.0.1:${port}`
  for (let tries = 0; !(await answers(endpoint)); tries++) {
    if (tries === 100) throw new Error('versitygw does not answer')
    await sleep(100)
  }
  return {
    endpoint,
    close: async () => {
      child.kill()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = (endpoint: string) =>
  fetch(endpoint).then(
    () => true,
    () => false,
  )

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
