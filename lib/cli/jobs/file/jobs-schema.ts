// The JSON schema of jobs files, for editors. It is created from the keys, so a new flag needs no entry here.
import type { Flag } from '../../flags/flags.js'
import type { CommandSpec } from '../../parser.js'
import {
  describeKey,
  listFlagKeys,
  otherJobKeys,
  jobOnlyKeys,
  textSchema,
  otherTopKeys,
  variableSchema,
  type FlagKey,
  type OtherKey,
  type Schema,
} from './job-keys.js'
import { FILE_VERSION } from './jobs-file.js'

const textsSchema = { anyOf: [{ type: 'array', items: textSchema }, textSchema] }

export function createJobsSchema(commands: readonly CommandSpec[]): Schema {
  const keys = listFlagKeys(commands)
  const shared = {
    ...Object.fromEntries(keys.map((key) => [key.key, createKeySchema(key)])),
    ...createOtherSchemas(otherJobKeys),
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A jobs file of optimize-export run',
    type: 'object',
    required: ['version', 'jobs'],
    additionalProperties: false,
    properties: {
      version: { const: FILE_VERSION, description: 'the version of the format: 1' },
      ...Object.fromEntries(
        keys.filter(({ isServerKey }) => isServerKey).map((key) => [key.key, createKeySchema(key)]),
      ),
      defaults: {
        type: 'object',
        description: 'keys that apply to all jobs that can have them',
        additionalProperties: false,
        properties: shared,
      },
      jobs: {
        type: 'array',
        description: 'the jobs',
        minItems: 1,
        items: {
          type: 'object',
          required: ['name'],
          additionalProperties: false,
          properties: { ...jobOnlyKeys, ...shared },
        },
      },
      ...createOtherSchemas(otherTopKeys),
    },
  }
}

const createOtherSchemas = (keys: Readonly<Record<string, OtherKey>>) =>
  Object.fromEntries(Object.entries(keys).map(([key, { schema }]) => [key, schema]))

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
  if (form === 'switch') return [{ type: 'boolean' }, { enum: ['true', 'false'] }, variableSchema]
  if (form === 'number')
    return [{ type: 'number' }, variableSchema, { type: 'string', pattern: createNumberPattern(flag) }, ...booleanForms]
  if (form === 'names') return [textsSchema, ...booleanForms]
  if (form === 'pairs') return [{ type: 'object', additionalProperties: textSchema }, textsSchema, ...booleanForms]
  if (form === 'json') return [{ type: 'object' }, textSchema, ...booleanForms]
  return [...(flag.words ? [{ enum: flag.words }] : []), textSchema, ...booleanForms]
}
