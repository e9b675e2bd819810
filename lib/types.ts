// The vocabulary both wings share: what a report sends, before and after it is flat.

/** A value as JSON has it; integers beyond 2^53 are `bigint`. The digits of other numbers are kept beside them (`digits.ts`). */
export type JsonValue = string | number | bigint | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/**
 * One element of the `data` array, as the server sent it: a process instance, a decision instance, or a
 * `{ key, value, label }` entry. A number report is one record `{ value }`.
 */
export type ExportRecord = Record<string, JsonValue>

/** What a cell of a row may hold: JSON values, and what a user's own transform may put there. */
export type Cell = JsonValue | Date | undefined

/** A flat record: one property a column, no nested variables. */
export type Row = Record<string, Cell>

/** What a report turned out to be, known after its first page; `'empty'` has no data at all. */
export type ReportKind = 'process' | 'decision' | 'map' | 'hyperMap' | 'number' | 'empty'
