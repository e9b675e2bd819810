import type { Destination, LoadOptions } from '../../index.js'
import { createDestination } from './databases.js'
import { eventTableFlags, incrementalFlags, loadFlags, tableColumnFlags } from '../flags/load-flags.js'
import { readSelection } from '../read-selection.js'
import type { Settings } from '../settings.js'
import { UsageError } from '../errors/usage-error.js'

export interface LoadOptionsWithoutSource extends Partial<LoadOptions> {
  readonly into: Destination
  readonly table: string
  readonly events: { readonly table: string; readonly fields: readonly string[] | undefined } | undefined
}

export function readLoadOptions(settings: Settings): LoadOptionsWithoutSource {
  const into = createDestination(settings)
  const table = settings.text('table')
  if (table === undefined)
    throw new UsageError('missing --table: give the name of the table', { setting: 'table', reason: 'missing' })
  const { events, fields, ...options } = settings.options(
    loadFlags,
    incrementalFlags,
    tableColumnFlags,
    eventTableFlags,
  )
  if (fields !== undefined && events === undefined) throw settings.createError('fields', 'needs --events TABLE')
  return {
    ...(options as Partial<LoadOptions>),
    ...readSelection(settings),
    into,
    table,
    events: events === undefined ? undefined : { table: events as string, fields: fields as string[] | undefined },
  }
}
