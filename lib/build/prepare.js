// Builds dist/ when npm prepares a clone: after `npm ci`, and when a project installs this package from git.
// Without the development dependencies (`npm ci --omit=dev`) there is no compiler, so it builds nothing and exits with success.
import { spawnSync } from 'node:child_process'

const compilers = ['typescript', 'assemblyscript/asc', 'esbuild']
const missing = compilers.filter((name) => !isInstalled(name))

if (missing.length > 0) {
  process.stderr.write(
    `optimize-export: dist/ was not built, because ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed. ` +
      'Run npm ci to install the compilers and build dist/.\n',
  )
} else {
  // npm passes its own path to scripts; without it, Windows would need a shell to find npm
  const { status, error } = spawnSync(process.execPath, [process.env.npm_execpath ?? '', 'run', '--silent', 'build'], {
    stdio: 'inherit',
  })
  if (error) throw error
  process.exitCode = status ?? 1
}

/** @param {string} name */
function isInstalled(name) {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}
