// A Readable whose chunks have a type. In @types/node chunks are `any`; at run time a TypedReadable is a plain Readable.
import type { Readable } from 'node:stream'

/** The options of an operator such as `map`, according to the installed @types/node. */
export type OperatorOptions = NonNullable<Parameters<Readable['map']>[1]>

/** Options that have a signal and nothing else: of an operator such as `toArray`, and of the functions that operators call. */
export type SignalOptions = NonNullable<Parameters<Readable['toArray']>[0]>

type NodeIterator = ReturnType<Readable['iterator']>

/** The iterator of a {@link TypedReadable}: Node's iterator with the type of the chunks. */
export interface TypedIterator<T>
  extends AsyncIterator<T>, Omit<NodeIterator, 'next' | 'return' | 'throw' | typeof Symbol.asyncIterator> {
  /** Returns itself. */
  [Symbol.asyncIterator](): TypedIterator<T>
}

/** A Node.js Readable in object mode whose chunks are of type `T`. Its operators, `for await` and `toArray` keep the type. */
export interface TypedReadable<T> extends Readable {
  /** `for await` gives one chunk per step; leaving the loop destroys the stream. */
  [Symbol.asyncIterator](): TypedIterator<T>
  /** The iterator of `for await`; with `destroyOnReturn: false`, leaving the loop does not destroy the stream. */
  iterator(options?: Parameters<Readable['iterator']>[0]): TypedIterator<T>
  /** Applies a function to each chunk. */
  map<U>(
    fn: (chunk: T, options?: SignalOptions) => U | Promise<U>,
    options?: OperatorOptions,
  ): TypedReadable<Awaited<U>>
  /** Keeps the chunks that a type guard accepts, and gives them its type. */
  filter<U extends T>(
    fn: (chunk: T, options?: SignalOptions) => chunk is U,
    options?: OperatorOptions,
  ): TypedReadable<U>
  /** Keeps the chunks for which the function returns true. */
  filter(
    fn: (chunk: T, options?: SignalOptions) => boolean | Promise<boolean>,
    options?: OperatorOptions,
  ): TypedReadable<T>
  /** Calls a function for each chunk; resolves at the end of the stream. */
  forEach(fn: (chunk: T, options?: SignalOptions) => void | Promise<void>, options?: OperatorOptions): Promise<void>
  /** Collects all chunks in memory. */
  toArray(options?: SignalOptions): Promise<T[]>
  /** Resolves to whether the function returned true for any chunk. */
  some(
    fn: (chunk: T, options?: SignalOptions) => boolean | Promise<boolean>,
    options?: OperatorOptions,
  ): Promise<boolean>
  /** Resolves to the first chunk that a type guard accepts; destroys the stream then. */
  find<U extends T>(
    fn: (chunk: T, options?: SignalOptions) => chunk is U,
    options?: OperatorOptions,
  ): Promise<U | undefined>
  /** Resolves to the first chunk for which the function returns true; destroys the stream then. */
  find(
    fn: (chunk: T, options?: SignalOptions) => boolean | Promise<boolean>,
    options?: OperatorOptions,
  ): Promise<T | undefined>
  /** Resolves to whether the function returned true for all chunks. */
  every(
    fn: (chunk: T, options?: SignalOptions) => boolean | Promise<boolean>,
    options?: OperatorOptions,
  ): Promise<boolean>
  /** Skips the first `limit` chunks. */
  drop(limit: number, options?: SignalOptions): TypedReadable<T>
  /** Ends after the first `limit` chunks, and then destroys the stream. */
  take(limit: number, options?: SignalOptions): TypedReadable<T>
  /** Combines all chunks into one value, beginning with `initial`. */
  reduce<U>(
    fn: (previous: U, chunk: T, options?: SignalOptions) => U | Promise<U>,
    initial: U,
    options?: SignalOptions,
  ): Promise<U>
  /** Combines all chunks into one value of their type, beginning with the first chunk. */
  reduce(fn: (previous: T, chunk: T, options?: SignalOptions) => T | Promise<T>): Promise<T>
}
