// Writes a ZIP archive as a stream: every entry is compressed while it is written, and the sizes follow the entry.
// Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 to 4.3.16. Times are fixed, so the same data gives the same bytes.
import { once } from 'node:events'
import { constants, crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib'
import { ExportError } from '../../shared/errors.js'
import type { Emit } from '../../encode/format.js'

/** Higher levels take much longer and make XML only a little smaller (docs/adr/0054). */
const COMPRESSION_LEVEL = constants.Z_BEST_SPEED

export interface EntryFigures {
  readonly crc: number
  readonly size: number
  readonly compressedSize: number
}

/** Compresses the bytes of one entry, in another thread while the caller makes the next bytes. */
export class Deflater {
  readonly #stream: DeflateRaw = createDeflateRaw({ level: COMPRESSION_LEVEL, chunkSize: 64 * 1024 })
  readonly #emit: (bytes: Buffer) => Promise<void> | undefined
  readonly #compressed: Buffer[] = []
  #written: Promise<void> = Promise.resolve()
  #crc = 0
  #size = 0
  #compressedSize = 0

  constructor(emit: (bytes: Buffer) => Promise<void> | undefined) {
    this.#emit = emit
    this.#stream.on('data', (bytes: Buffer) => this.#compressed.push(bytes))
  }

  get size(): number {
    return this.#size
  }

  async write(bytes: Buffer): Promise<void> {
    this.#crc = crc32(bytes, this.#crc)
    this.#size += bytes.length
    await this.#written
    await this.#emitCompressed()
    this.#written = new Promise((resolve) => this.#stream.write(bytes, () => resolve()))
  }

  async end(): Promise<EntryFigures> {
    await this.#written
    const ended = once(this.#stream, 'end')
    this.#stream.end()
    await ended
    await this.#emitCompressed()
    return { crc: this.#crc, size: this.#size, compressedSize: this.#compressedSize }
  }

  destroy(): void {
    this.#stream.destroy()
  }

  async #emitCompressed(): Promise<void> {
    for (const bytes of this.#compressed.splice(0)) {
      this.#compressedSize += bytes.length
      await this.#emit(bytes)
    }
  }
}

interface DirectoryEntry extends EntryFigures {
  readonly name: string
  readonly offset: number
}

/** Sizes and offsets have 32 bits. */
const MAX_ARCHIVE_BYTES = 2 ** 32 - 1

export class ZipWriter {
  readonly #emit: Emit
  readonly #maxBytes: number
  readonly #entries: DirectoryEntry[] = []
  #length = 0

  /** @param maxBytes a larger archive fails */
  constructor(emit: Emit, maxBytes = MAX_ARCHIVE_BYTES) {
    this.#emit = emit
    this.#maxBytes = maxBytes
  }

  async addEntry(name: string, text: string): Promise<void> {
    const entry = await this.openEntry(name)
    await entry.deflater.write(Buffer.from(text))
    await entry.close()
  }

  /** Opens an entry. The caller must close it before the next entry. */
  async openEntry(name: string): Promise<{ readonly deflater: Deflater; readonly close: () => Promise<void> }> {
    const offset = await this.#beginEntry(name)
    const deflater = new Deflater((bytes) => this.#put(bytes))
    return { deflater, close: async () => this.#endEntry(name, offset, await deflater.end()) }
  }

  async addDeflated(name: string, figures: EntryFigures, chunks: AsyncIterable<Buffer>): Promise<void> {
    const offset = await this.#beginEntry(name)
    for await (const chunk of chunks) await this.#put(chunk)
    await this.#endEntry(name, offset, figures)
  }

  async finish(): Promise<void> {
    const start = this.#length
    for (const entry of this.#entries) await this.#put(createDirectoryHeader(entry))
    const end = Buffer.alloc(22)
    end.writeUInt32LE(0x06054b50, 0)
    end.writeUInt16LE(this.#entries.length, 8)
    end.writeUInt16LE(this.#entries.length, 10)
    end.writeUInt32LE(this.#length - start, 12)
    end.writeUInt32LE(start, 16)
    await this.#put(end)
  }

  async #beginEntry(name: string): Promise<number> {
    const offset = this.#length
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    writeCommonFields(header, 4, name)
    await this.#put(Buffer.concat([header, Buffer.from(name)]))
    return offset
  }

  async #endEntry(name: string, offset: number, figures: EntryFigures): Promise<void> {
    this.#entries.push({ name, offset, ...figures })
    const descriptor = Buffer.alloc(16)
    descriptor.writeUInt32LE(0x08074b50, 0)
    writeFigures(descriptor, 4, figures)
    await this.#put(descriptor)
  }

  #put(bytes: Buffer): Promise<void> | undefined {
    this.#length += bytes.length
    if (this.#length > this.#maxBytes)
      throw new ExportError(
        'ERR_ENCODE',
        `toXlsx: expected a workbook of at most ${this.#maxBytes} bytes, got more; select columns, or export Parquet`,
      )
    return this.#emit(bytes)
  }
}

const DEFLATE = 8
/** The sizes follow the data (bit 3), and names are UTF-8 (bit 11). */
const FLAGS = 0x0808
/** Version 2.0 of the format. */
const VERSION_NEEDED = 20
/** 1980-01-01, the first day that an entry can have. */
const DOS_DATE = 0x21

function writeCommonFields(header: Buffer, at: number, name: string): void {
  header.writeUInt16LE(VERSION_NEEDED, at)
  header.writeUInt16LE(FLAGS, at + 2)
  header.writeUInt16LE(DEFLATE, at + 4)
  header.writeUInt16LE(DOS_DATE, at + 8)
  header.writeUInt16LE(Buffer.byteLength(name), at + 22)
}

function writeFigures(header: Buffer, at: number, { crc, size, compressedSize }: EntryFigures): void {
  header.writeUInt32LE(crc, at)
  header.writeUInt32LE(compressedSize, at + 4)
  header.writeUInt32LE(size, at + 8)
}

function createDirectoryHeader({ name, offset, ...figures }: DirectoryEntry): Buffer {
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE(VERSION_NEEDED, 4)
  writeCommonFields(header, 6, name)
  writeFigures(header, 16, figures)
  header.writeUInt32LE(offset, 42)
  return Buffer.concat([header, Buffer.from(name)])
}
