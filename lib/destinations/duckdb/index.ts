// The entry point `optimize-export/duckdb`: re-exports, nothing else.
export { duckdb, type DuckdbOptions } from './duckdb.js'
export type { Destination } from '../../load/load-destination.js'
