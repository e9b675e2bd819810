// Reads the samples of the documents: fenced blocks, and the comment before a block that says how to run it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.js'

/** One fenced block. */
export interface Sample {
  readonly document: string
  /** Its first line, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** The reason in `<!-- not run: reason -->` before the fence. */
  readonly notRun: string | undefined
  /** The name in `<!-- needs: name -->` before the fence: the sample runs only if that is installed. */
  readonly needs: string | undefined
}

export const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

export const readDocument = (document: string) => readFileSync(join(root, document), 'utf8')

export function listSamples(document: string): Sample[] {
  const text = readDocument(document)
  const fences = /(?:^<!-- (not run|needs): (.+) -->\n+)?^```(\w*)\n([\s\S]*?)^```$/gm
  return [...text.matchAll(fences)].map(({ index, 0: whole, 1: mark, 2: reason, 3: language, 4: code }) => ({
    document,
    line: text.slice(0, index + whole.indexOf('```')).split('\n').length,
    language: language!,
    code: code!,
    notRun: mark === 'not run' ? reason : undefined,
    needs: mark === 'needs' ? reason : undefined,
  }))
}

/** The name of a sample in a test. */
export const getSampleName = ({ document, line, language }: Sample) => `${document}:${line} (${language})`
