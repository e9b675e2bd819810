import type { Writable } from 'node:stream'
import { attachKey, type PageAttachment, type PageConsumer, type PageStream } from './page-hand-over.js'
import { columnsIfEmptyKey, partOfTableKey, type StreamFacts } from './stream-facts.js'

/** Attaches the reader to each of its sources that hands over pages, for as long as the source is piped. */
export class PageReceiver implements PageConsumer {
  /** Pages and records wait in the same queue, so that they are read in the order in which they arrive. */
  readonly takePage: PageConsumer['takePage']
  readonly #canTakePages: () => boolean
  readonly #attachments = new Map<unknown, PageAttachment>()
  #lastSource: StreamFacts = {}

  constructor(reader: Writable, canTakePages = () => true) {
    this.takePage = (page) => void reader.write(page)
    this.#canTakePages = canTakePages
    reader.on('pipe', (stream: PageStream & StreamFacts) => {
      this.#lastSource = stream
      const attachment = stream[attachKey]?.(this)
      if (attachment) this.#attachments.set(stream, attachment)
    })
    reader.on('unpipe', (stream) => this.#attachments.get(stream)?.detach())
  }

  get canTakePages(): boolean {
    return this.#canTakePages()
  }

  /** The facts of the export that was piped into the reader last, if no transform is between them. */
  get facts(): PageAttachment['facts'] {
    return [...this.#attachments.values()].at(-1)?.facts
  }

  get columnsIfEmpty(): readonly string[] | undefined {
    return this.#lastSource[columnsIfEmptyKey]
  }

  get isPartOfTable(): boolean {
    return this.#lastSource[partOfTableKey] === true
  }
}
