// Builds the launcher of OpenSearch once; Maven keeps the jars in ~/.m2 as usual.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { download } from '../support/download.js'
import { buildFolder, sourceFile } from '../support/folders.js'

const built = join(buildFolder, 'launcher')
const sources = ['pom.xml', 'src/main/java/proofs/Launcher.java'].map((file) => sourceFile(`engine/launcher/${file}`))

/** Returns the class path and the logging configuration of the launcher. @throws Error without Java 17 and Maven */
export function buildLauncher(): { readonly classPath: string; readonly log4j: string } {
  const digest = createHash('sha256')
  for (const source of sources) digest.update(readFileSync(source))
  const stamp = digest.digest('hex')
  const stampFile = join(built, 'stamp')
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    build()
    writeFileSync(stampFile, stamp)
  }
  return {
    classPath: `${join(built, 'classes')}:${join(built, 'jars')}/*`,
    log4j: sourceFile('engine/launcher/log4j2.xml'),
  }
}

function build(): void {
  process.stdout.write('building the launcher of OpenSearch with Maven (the first time downloads 45 MB) …\n')
  rmSync(built, { recursive: true, force: true })
  // -U: without it, Maven does not try again to load a jar that it could not load before
  const args = ['-q', '-B', '-U', '-f', sourceFile('engine/launcher/pom.xml'), `-DbuildFolder=${built}`]
  download(['mvn', ...args, 'process-classes'])
}
