// The runtimes that run the package. Each one is installed from an npm package that has its binary.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { download } from '../support/download.js'
import { buildFolder, sourceFile } from '../support/folders.js'

export interface Runtime {
  readonly name: string
  /** As in package.json of this folder. */
  readonly packageName: string
  /** The program in its package, and the arguments before the name of a script. */
  readonly command: readonly [string, ...string[]]
  /** Bun and Deno are not supported: they are shown, and do not make the proof fail. */
  readonly isSupported: boolean
}

const node = (version: string): Runtime => ({
  name: `Node.js ${version}`,
  packageName: `node-${version}`,
  command: ['bin/node', '--trace-warnings', '--trace-deprecation'],
  isSupported: true,
})

/** The oldest version that is supported, and the newest one of each line. */
export const nodes: readonly Runtime[] = ['20.19', '22', '24', '26'].map(node)

export const others: readonly Runtime[] = [
  { name: 'Bun', packageName: '@oven/bun-linux-x64', command: ['bin/bun'], isSupported: false },
  {
    name: 'Deno',
    packageName: '@deno/linux-x64-glibc',
    command: ['deno', 'run', '-A', '--node-modules-dir=manual'],
    isSupported: false,
  },
]

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string }>>
}

/**
 * Installs a runtime, unless it is installed, and returns the command that starts it. Each runtime has a folder of its own, so that a
 * short run loads one binary only. The package-lock.json beside this file fixes the version and the digest.
 */
export function commandOf({ packageName, command: [program, ...argv] }: Runtime): readonly [string, ...string[]] {
  const home = join(buildFolder, 'runtimes', packageName.replace('/', '+'))
  const installed = join(home, 'node_modules', packageName)
  const { packages } = readJson(sourceFile('nodes/package-lock.json')) as Lock
  const locked = packages[`node_modules/${packageName}`]!
  if (versionIn(installed) !== locked.version) {
    const { dependencies } = readJson(sourceFile('nodes/package.json')) as {
      dependencies: Record<string, string>
    }
    const manifest = { name: 'runtime', private: true, dependencies: { [packageName]: dependencies[packageName] } }
    const lock = {
      name: 'runtime',
      lockfileVersion: 3,
      requires: true,
      packages: { '': manifest, [`node_modules/${packageName}`]: locked },
    }
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(home, 'package-lock.json'), JSON.stringify(lock))
    // nothing has to run after the installation of a binary
    download(['npm', 'ci', '--prefer-offline', '--ignore-scripts', '--loglevel=error'], { cwd: home })
  }
  return [join(installed, program), ...argv]
}

function versionIn(folder: string): string | undefined {
  const path = join(folder, 'package.json')
  return existsSync(path) ? (readJson(path) as { version: string }).version : undefined
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
