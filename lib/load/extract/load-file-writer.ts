// Writes the load files of a report: chooses their encoders, types and receipts.
import type { EncoderWarning } from '../../encode/encoder.js'
import { createColumnSchema, getSourceName, type ColumnSchema } from '../../schema/column-schema.js'
import { createCollisionError } from '../../schema/names/column-names.js'
import { isDeclaredOnly, type ScalarType } from '../../schema/types/column-type.js'
import { throwIfUnmatched, type UnmatchedName } from '../../schema/names/name-matcher.js'
import { VERSION } from '../../shared/package-version.js'
import { flowNodeEvents } from '../../transforms/transforms.js'
import type { RecordedColumn, RecordedSchema } from '../history/recorded-schema.js'
import { createFileColumnNaming } from '../columns/column-naming.js'
import type { EarlierState } from '../load-database.js'
import type { TableState } from '../load-destination.js'
import type { ResolvedLoadOptions } from '../load-options.js'
import { toStorableText } from '../storable-text.js'
import { writeLoadFiles, type LoadFileSpec, type LoadRecords } from './load-files.js'
import type { LoadFile } from '../load-input.js'
import type { Extraction } from './extraction.js'

export class LoadFileWriter {
  readonly #options: ResolvedLoadOptions
  readonly #loadId: string
  readonly #state: EarlierState
  /** By option and name: with an event log, two encoders may miss the same name. */
  readonly #unmatched = new Map<string, UnmatchedName>()

  constructor(options: ResolvedLoadOptions, loadId: string, state: EarlierState) {
    this.#options = options
    this.#loadId = loadId
    this.#state = state
  }

  /** Resolves to the file of the records and, with the option `events`, the file of the events. */
  async write(extraction: Extraction, records: LoadRecords, folder: string): Promise<LoadFile[]> {
    const { tableState, newest } = this.#state
    const { into, columns, pick, omit, types, inferTypes, variables, events } = this.#options
    const tableTypes = getTableTypes(this.#options, tableState, newest?.schema)
    const hasJsonVariables = variables === 'json'
    const recordSpec: LoadFileSpec = {
      name: 'records',
      transform: undefined,
      encoder: into.createEncoder({
        naming: createFileColumnNaming(),
        pick: columns ?? pick,
        omit: events && !(columns ?? pick) ? [...new Set(omit).add('flowNodeInstances')] : omit,
        types: { ...tableTypes, ...types, ...(hasJsonVariables && { variables: 'json' }) },
        inferTypes,
        hasJsonVariables,
      }),
      createReceiptContent: () => this.#createReceiptContent(extraction, recordSpec),
    }
    const specs = [recordSpec]
    if (events) {
      const { fields } = events
      const eventSpec: LoadFileSpec = {
        name: 'events',
        transform: flowNodeEvents({ fields }),
        encoder: into.createEncoder({
          naming: createFileColumnNaming(),
          pick: undefined,
          omit: undefined,
          types: Object.fromEntries(Object.entries(types).filter(([name]) => fields.includes(name))),
          inferTypes,
          hasJsonVariables: false,
        }),
        createReceiptContent: () => this.#createReceiptContent(extraction, eventSpec),
      }
      specs.push(eventSpec)
    }
    const given = new Set([
      ...(columns ?? []),
      ...(pick ?? []),
      ...(omit ?? []),
      ...Object.keys(types),
      ...(events?.fields ?? []),
    ])
    const files = await writeLoadFiles(records, folder, specs, (warning) => this.#warn(warning, given))
    return files.map((file) => ({ ...file, schema: createStoredSchema(file.schema) }))
  }

  #warn(warning: EncoderWarning, given: ReadonlySet<string>): void {
    if (warning.code === 'WARN_UNMATCHED_NAME') {
      // the load itself gives names to the encoder too, such as those of the table
      if (!given.has(warning.name)) return
      this.#unmatched.set(`${warning.option} ${warning.name}`, warning)
    }
    // if the names of columns differ only in case, the table gives them distinct names
    if (warning.code !== 'WARN_ALIKE_NAMES') this.#options.onEvent({ type: 'warning', message: warning.message })
  }

  /** Applies the option `strict` to the names that no record had. */
  throwIfUnmatched(): void {
    throwIfUnmatched('loadReport', [...this.#unmatched.values()], this.#options.strict)
  }

  #createReceiptContent({ stats, kind }: Extraction, { encoder }: LoadFileSpec): Record<string, unknown> {
    const { records, total, complete, duplicates, retries, restarts, startedAt } = stats
    const { reportId } = this.#options.source
    const { rows, schema } = encoder.stats
    return {
      loadId: this.#loadId,
      reportId,
      kind,
      rows,
      records,
      total,
      complete,
      duplicates,
      retries,
      restarts,
      startedAt,
      version: VERSION,
      schema,
    }
  }
}

/** Returns the schema with the sources that a database can store. Throws if two columns would have the same source. */
function createStoredSchema(schema: readonly ColumnSchema[]): ColumnSchema[] {
  const idBySource = new Map<string, string>()
  return schema.map((column) => {
    const id = getSourceName(column)
    const source = toStorableText(id)
    const other = idBySource.get(source)
    if (other !== undefined) throw createCollisionError('loadReport', source, [other, id], 'use omit to leave one out')
    idBySource.set(source, id)
    return createColumnSchema({ id: source, name: column.name }, column.type, column.chosen)
  })
}

/**
 * Returns the types that columns of the load file must have because of their types in the table, by source. A column of text is text in the
 * file. A column of a type that loads do not know, such as `varchar(20)`, is text in the file too, and the database converts the values. A
 * column of dates or decimals has the type of the table if a load created the column, and is text in the file if the user created it.
 */
function getTableTypes(
  { into, types }: ResolvedLoadOptions,
  { columns }: TableState,
  newestSchema: RecordedSchema | undefined,
): Record<string, ScalarType> {
  const { dialect } = into
  const typeByName = new Map(
    columns?.map(({ name, typeName }) => [dialect.foldName(name), dialect.parseTypeName(typeName)]),
  )
  const getType = ({ name, type }: RecordedColumn): ScalarType | undefined => {
    const folded = dialect.foldName(name)
    const inTable = typeByName.get(folded)
    if (inTable !== undefined && isDeclaredOnly(inTable)) return isDeclaredOnly(type) ? inTable : 'string'
    return inTable === 'string' || (inTable === undefined && typeByName.has(folded)) ? 'string' : undefined
  }
  const decided = (newestSchema?.columns ?? []).flatMap((column) => {
    const type = Object.hasOwn(types, column.source) ? undefined : getType(column)
    return type ? [[column.source, type] as const] : []
  })
  return Object.fromEntries(decided)
}
