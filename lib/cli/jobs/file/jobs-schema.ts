// The JSON schema of jobs files, for editors. It is created from the keys, so a new flag needs no entry here.
import type { Flag } from '../../flags/flags.js'
import {
  defaultKeys,
  createTextSchema,
  flagKeys,
  otherTopKeys,
  jobKeys,
  ownKeys,
  serverKeys,
  textSchema,
  variableSchema,
  type FlagsByKind,
  type Schema,
} from './job-keys.js'
import { FILE_VERSION } from './jobs-file.js'

const textsSchema = { anyOf: [{ type: 'array', items: textSchema }, textSchema] }

export const createJobsSchema = (): Schema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A jobs file of optimize-export run',
  type: 'object',
  required: ['version', 'jobs'],
  additionalProperties: false,
  properties: {
    version: { const: FILE_VERSION, description: 'the version of the format: 1' },
    ...createProperties(serverKeys),
    defaults: {
      type: 'object',
      description: 'keys that apply to all jobs that can have them',
      additionalProperties: false,
      properties: createProperties(defaultKeys),
    },
    jobs: {
      type: 'array',
      description: 'the jobs',
      minItems: 1,
      items: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: createTextSchema('the name of the job in messages, in the state and in metrics'),
          ...createProperties(jobKeys),
        },
      },
    },
    ...createProperties(otherTopKeys),
  },
})

const createProperties = (keys: readonly string[]): Schema =>
  Object.fromEntries(keys.map((key) => [key, ownKeys.get(key)?.schema ?? createFlagSchema(key, flagKeys.get(key)!)]))

function createFlagSchema(key: string, flags: FlagsByKind): Schema {
  const forms = Object.values(flags).flatMap((flag) => createFormSchemas(flag, key))
  const distinct = [...new Map(forms.map((form) => [JSON.stringify(form), form])).values()]
  return { description: describeFlags(flags), anyOf: [...distinct, { type: 'null' }] }
}

/** Returns the description of a key: one for files and one for tables, if they differ. */
function describeFlags({ export: exportFlag, load: loadFlag }: FlagsByKind): string {
  const describe = (flag: Flag) => flag.description || `false: ${flag.off!.description}`
  if (!exportFlag || !loadFlag || describe(exportFlag) === describe(loadFlag))
    return describe((exportFlag ?? loadFlag)!)
  return `files: ${describe(exportFlag)}; tables: ${describe(loadFlag)}`
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

function createNumberPattern({ kind: { units = {} } }: Flag): string {
  const names = Object.keys(units)
  return `^[+-]?\\d+(\\.\\d+)?${names.length === 0 ? '' : `( *(${names.join('|')}))?`}$`
}
