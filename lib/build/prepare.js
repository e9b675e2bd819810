// Builds dist/ when npm prepares a clone: after `npm ci`, and when a project installs this package from git.
// Without the development dependencies (`npm ci --omit=dev`) there is no compiler. The installation then succeeds without a build.
import { spawnSync } from 'node:child_process'

const compilers = ['typescript', 'assemblyscript/asc', 'esbuild']
const missing = compilers.filter((name) => !isInstalled(name))

if (missing.length > 0) {
  process.stderr.write(
    `optimize-export: dist/ was not built, because ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed. ` +
      'Run npm ci to install the compilers and build dist/.\n',
  )
} else {
  // npm gives its scripts the path of its own program; a shell would be needed to find npm on Windows
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
