// The entry point `optimize-export/postgres`: re-exports, nothing else.
export { postgres, type PostgresConnection, type PostgresOptions, type PostgresPool } from './postgres.js'
export type { Destination } from '../../load/load-destination.js'
