// The sole importer of csv-stringify.
export { stringify } from 'csv-stringify/sync'
export type { Cast, CastingContext, Options } from 'csv-stringify'
