// Installs the command as `npm install` does: packs it, and unpacks it into a folder of its own beside its dependencies. It needs no
// registry and no tar.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { root } from '../root.js'

export interface Installed {
  readonly bin: string
  /** The folder of the installation, which contains node_modules. */
  readonly folder: string
  remove(): void
}

/**
 * Installs the package that `npm pack` creates from the current build.
 * @param hasPeers true to install its optional peers too
 */
export async function install(hasPeers = false): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), 'installed-'))
  const argv = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const { stdout } = await promisify(execFile)('npm', argv, { cwd: root, env: { ...process.env, NODE_OPTIONS: '' } })
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }]
  const modules = join(folder, 'node_modules')
  for (const { name, content } of listEntries(gunzipSync(readFileSync(join(folder, filename))))) {
    const path = join(modules, 'optimize-export', name.replace(/^package\//, ''))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  const manifest = JSON.parse(readFileSync(join(modules, 'optimize-export/package.json'), 'utf8')) as {
    dependencies: Record<string, string>
    peerDependencies: Record<string, string>
    bin: Record<string, string>
  }
  for (const name of Object.keys({ ...manifest.dependencies, ...(hasPeers ? manifest.peerDependencies : {}) })) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  const target = join(modules, 'optimize-export', manifest.bin['optimize-export']!)
  const bin = join(modules, '.bin', 'optimize-export')
  mkdirSync(dirname(bin))
  chmodSync(target, 0o755)
  symlinkSync(target, bin)
  return { bin, folder, remove: () => rmSync(folder, { recursive: true }) }
}

/** The files of a tar archive. Source: POSIX ustar, blocks of 512 bytes. */
function* listEntries(tar: Buffer): Generator<{ name: string; content: Buffer }> {
  const readText = (at: number, length: number) => tar.toString('utf8', at, at + length).replace(/\0.*$/s, '')
  for (let at = 0; tar[at] !== 0 && at < tar.length;) {
    const [name, size, prefix] = [readText(at, 100), parseInt(readText(at + 124, 12), 8), readText(at + 345, 155)]
    yield { name: prefix ? `${prefix}/${name}` : name, content: tar.subarray(at + 512, at + 512 + size) }
    at += 512 + Math.ceil(size / 512) * 512
  }
}

export interface Command {
  readonly child: ChildProcess
  /** The output of the command, and its exit code or signal. */
  readonly ended: Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }>
}

/** Runs an installed command. It does not get the environment variables of this process that configure it. */
export function runInstalled(bin: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Command {
  const { PATH, HOME, TMPDIR = tmpdir() } = process.env
  const child = spawn(bin, argv, { env: { PATH, HOME, TMPDIR, ...env }, stdio: ['ignore', 'pipe', 'pipe'], cwd })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => (texts[name] += chunk.toString()))
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: (code ?? signal) as number | NodeJS.Signals,
    ...texts,
  }))
  return { child, ended }
}
