import { durationRule } from '../../shared/units.js'
import type { Destination } from '../../load/load-destination.js'
import * as rule from '../../shared/options.js'
import { OptionError } from '../../shared/errors.js'
import { Redactor } from '../../shared/secrets/redactor.js'
import { importCopyStreams } from './copy-into.js'
import {
  connectUnlessAborted,
  createConnect,
  createPoolConnect,
  type ClientConfig,
  type Pool,
} from './postgres-client.js'
import { postgresDialect } from './postgres-dialect.js'
import { toPostgresError } from './postgres-errors.js'
import { PostgresSession } from './postgres-session.js'
import { toCopy } from './to-copy.js'

/** A `pg.Pool`. */
export interface PostgresPool {
  /** Takes a client out of the pool. */
  connect(): Promise<unknown>
  /** Closes all clients of the pool. */
  end(): Promise<void>
  /** The settings of the pool. */
  readonly options: object
}

/** A connection string, the settings of a `pg.Client`, or a `pg.Pool`. */
export type PostgresConnection = string | Readonly<Record<string, unknown>> | PostgresPool

/** Options of {@link postgres}. */
export interface PostgresOptions {
  /** The schema of tables that are named without one. @default the first of the search path */
  schema?: string | undefined
  /** The longest wait for a lock: `'30s'`, or milliseconds; 0 is no limit. A longer wait is `ERR_DESTINATION_BUSY`. @default '30s' */
  lockTimeout?: string | number | undefined
  /** The longest time for one statement: `'10m'`, or milliseconds; 0 is no limit. @default 0 */
  statementTimeout?: string | number | undefined
  /** Stages in an unlogged table, for a user without the privilege TEMPORARY. @default false */
  unlogged?: boolean | undefined
  /**
   * For values and names of variables with U+0000 or half of a surrogate pair, which PostgreSQL cannot store: `'error'` is
   * `ERR_CELL_TYPE`, `'replace'` writes U+FFFD instead of each of them.
   * @default 'error'
   */
  invalidText?: 'error' | 'replace' | undefined
}

/** The longest time limit that the server accepts. Source: PostgreSQL, "Client Connection Defaults". */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

const timeoutRule: rule.Rule<number> = {
  expected: `${durationRule.expected}, at most ${MAX_TIMEOUT_MS} (24 days)`,
  parse: (value, path) => {
    const ms = durationRule.parse(value, path)
    return ms !== undefined && ms <= MAX_TIMEOUT_MS ? ms : undefined
  },
}

const rules: rule.Rules<rule.Resolved<PostgresOptions, 'schema', { lockTimeout: number; statementTimeout: number }>> = {
  schema: rule.optional(rule.text),
  lockTimeout: rule.withDefault(timeoutRule, 30_000),
  statementTimeout: rule.withDefault(timeoutRule, 0),
  unlogged: rule.withDefault(rule.boolean, false),
  invalidText: rule.withDefault(rule.oneOf('error', 'replace'), 'error'),
}

const COMMIT_LOOK_UP_MS = 60_000

const isPool = (value: unknown): value is Pool =>
  typeof value === 'object' && value !== null && 'connect' in value && 'totalCount' in value

const connectionRule: rule.Rule<ClientConfig | Pool> = {
  expected: 'a connection string postgresql://user@host/database, the settings of a pg.Client, or a pg.Pool',
  parse: (value) => {
    if (isPool(value)) return value
    if (rule.isPlainObject(value)) return value
    return typeof value === 'string' && parseUrl(value) ? { connectionString: value } : undefined
  },
  secret: true,
}

const parseUrl = (value: string) =>
  /^postgres(ql)?:\/\//.test(value) && URL.canParse(toParsable(value)) ? new URL(toParsable(value)) : undefined

/** Adds a host to `postgresql:///db` and `postgresql://user@/db`, because `URL` accepts no user without a host. */
const toParsable = (value: string) => value.replace(/^(postgres(?:ql)?:\/\/)([^/?]*@)?(?=[/?]|$)/, '$1$2localhost')

/**
 * Returns the destination for a PostgreSQL server, 13 or later. It needs the packages `pg` and `pg-copy-streams`. The password
 * comes from the connection, `PGPASSWORD` or `~/.pgpass`, and other settings from `PGHOST`, `PGUSER`, `PGSSLMODE` and so on, as
 * `pg` reads them.
 *
 * @throws OptionError for a bad option, at the call.
 * @example await loadReport({ source, into: postgres('postgresql://etl@db/warehouse'), table: 'orders', mode: 'merge' })
 */
export function postgres(connection: PostgresConnection, options: PostgresOptions = {}): Destination {
  const { connection: resolved } = rule.resolveOptions<{ readonly connection: ClientConfig | Pool }>(
    'postgres',
    { connection },
    { connection: connectionRule },
  )
  const { schema, invalidText, ...sessionOptions } = rule.resolveOptions('postgres', options, rules)
  const config = isPool(resolved) ? (resolved.options as ClientConfig) : resolved
  throwIfService(config)
  const label = createLabel(config)
  const redact = createRedact(config)
  const connect = isPool(resolved) ? createPoolConnect(resolved) : createConnect(resolved)
  const settings = { ...sessionOptions, label, connect, redact, lookUpTimeout: COMMIT_LOOK_UP_MS }
  return {
    label,
    schema,
    dialect: postgresDialect,
    createEncoder: (encoding) => toCopy(encoding, invalidText === 'replace'),
    connect: async ({ signal }) => {
      try {
        await importCopyStreams()
        return await PostgresSession.open(settings, await connectUnlessAborted(connect, signal), signal)
      } catch (error) {
        throw toPostgresError(label, error, redact)
      }
    },
  }
}

/**
 * Throws if the address names a service, or if only `PGSERVICE` says where the server is. `pg` reads no service files: it would connect to
 * localhost.
 */
function throwIfService({ connectionString = '', host }: ClientConfig): void {
  const { env } = process
  const url = parseUrl(connectionString)
  const isHostGiven =
    url !== undefined && (toParsable(connectionString) === connectionString || url.searchParams.has('host'))
  const isIgnored = env['PGSERVICE'] && !isHostGiven && !host && !env['PGHOST']
  if (!isIgnored && !url?.searchParams.has('service')) return
  throw new OptionError(
    'postgres',
    'connection',
    'expected a host instead of a service, because pg reads no service files',
  )
}

/** Returns the address without the password. */
function createLabel(config: ClientConfig): string {
  const { env } = process
  const url = parseUrl(config.connectionString ?? '')
  const isHostGiven = url !== undefined && toParsable(config.connectionString!) === config.connectionString
  const host = (isHostGiven ? url.host : (url?.searchParams.get('host') ?? config.host)) ?? env['PGHOST'] ?? 'localhost'
  const user = (url?.username || config.user) ?? env['PGUSER']
  const database = (url?.pathname.slice(1) || config.database) ?? env['PGDATABASE'] ?? ''
  return `postgresql://${user ? `${user}@` : ''}${host}/${database}`
}

function createRedact({ connectionString = '', password }: ClientConfig): (text: string) => string {
  const redactor = new Redactor()
  const url = parseUrl(connectionString)
  for (const secret of [url?.password, url?.searchParams.get('password'), password, process.env['PGPASSWORD']])
    if (typeof secret === 'string') redactor.register(secret, 1)
  return (text) => redactor.redact(text)
}
