// The JSON schema of jobs files, for editors. It is created from the keys, so a new flag needs no entry here.
import { listChoices, type Flag } from '../../flags/flags.js'
import type { CommandSpec } from '../../parser.js'
import {
  describeKey,
  failConditions,
  listFlagKeys,
  jobOnlyKeys,
  keysThatAreNoFlags,
  topKeys,
  type FlagKey,
} from './job-keys.js'
import { FILE_VERSION } from './jobs-file.js'

type Schema = Readonly<Record<string, unknown>>

/** A text with a variable, which may replace a number, true or false. */
const variable = { type: 'string', pattern: '\\$\\{' }
const text = { type: ['string', 'number'] }
const texts = { anyOf: [{ type: 'array', items: text }, text] }

export function createJobsSchema(commands: readonly CommandSpec[]): Schema {
  const keys = listFlagKeys(commands)
  const otherKeys = {
    'fresh-for': { type: 'string', description: keysThatAreNoFlags['fresh-for'], examples: ['6h'] },
    concurrency: { anyOf: [{ type: 'integer', minimum: 1 }, variable], description: keysThatAreNoFlags['concurrency'] },
    'fail-on': {
      anyOf: [{ type: 'array', items: { enum: failConditions } }, text],
      description: keysThatAreNoFlags['fail-on'],
    },
  }
  const shared = { ...Object.fromEntries(keys.map((key) => [key.key, createKeySchema(key)])), ...otherKeys }
  const describeText = (description: string | undefined) => ({ ...text, description })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A jobs file of optimize-export run',
    type: 'object',
    required: ['version', 'jobs'],
    additionalProperties: false,
    properties: {
      version: { const: FILE_VERSION, description: topKeys['version'] },
      ...Object.fromEntries(
        keys.filter(({ isServerKey }) => isServerKey).map((key) => [key.key, createKeySchema(key)]),
      ),
      defaults: {
        type: 'object',
        description: topKeys['defaults'],
        additionalProperties: false,
        properties: shared,
      },
      jobs: {
        type: 'array',
        description: topKeys['jobs'],
        minItems: 1,
        items: {
          type: 'object',
          required: ['name'],
          additionalProperties: false,
          properties: {
            ...Object.fromEntries(
              Object.entries(jobOnlyKeys).map(([key, description]) => [key, describeText(description)]),
            ),
            ...shared,
          },
        },
      },
      'on-success': describeText(topKeys['on-success']),
      'on-failure': describeText(topKeys['on-failure']),
    },
  }
}

function createKeySchema(key: FlagKey): Schema {
  const forms = Object.values(key.flags).flatMap((flag) => createFormSchemas(flag, key.key))
  const distinct = [...new Map(forms.map((form) => [JSON.stringify(form), form])).values()]
  return { description: describeKey(key), anyOf: [...distinct, { type: 'null' }] }
}

function createNumberPattern({ kind: { units = {} } }: Flag): string {
  const names = Object.keys(units)
  return `^[+-]?\\d+(\\.\\d+)?${names.length === 0 ? '' : `( *(${names.join('|')}))?`}$`
}

function createFormSchemas(flag: Flag, key: string): Schema[] {
  const { form } = flag.kind
  const booleanForms = flag.off || key === 'events' ? [{ type: 'boolean' }] : []
  if (form === 'switch') return [{ type: 'boolean' }, { enum: ['true', 'false'] }, variable]
  if (form === 'number')
    return [{ type: 'number' }, variable, { type: 'string', pattern: createNumberPattern(flag) }, ...booleanForms]
  if (form === 'names') return [texts, ...booleanForms]
  if (form === 'pairs') return [{ type: 'object', additionalProperties: text }, texts, ...booleanForms]
  if (form === 'json') return [{ type: 'object' }, text, ...booleanForms]
  const words = listChoices(flag)
  return [...(words ? [{ enum: words }] : []), text, ...booleanForms]
}
