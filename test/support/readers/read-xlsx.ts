// Reads a workbook without code of the package: the archive by its directory, the XML by patterns.
import { inflateRawSync, crc32 } from 'node:zlib'

/** A cell as the file has it: the type and the text of its value. */
export interface XlsxCell {
  readonly type: 'text' | 'number' | 'boolean'
  readonly value: string
  /** The number of its style. */
  readonly style: number
}

export interface XlsxSheet {
  readonly name: string
  readonly xml: string
  /** The cells of each row by their reference; an empty cell is missing. */
  readonly rows: readonly ReadonlyMap<string, XlsxCell>[]
}

/** The entries of an archive by name. Checks sizes and checksums. */
export function readZip(bytes: Buffer): Map<string, string> {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'))
  const entries = new Map<string, string>()
  let at = bytes.readUInt32LE(end + 16)
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const [crc, compressed, size] = [16, 20, 24].map((offset) => bytes.readUInt32LE(at + offset))
    const nameLength = bytes.readUInt16LE(at + 28)
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const local = bytes.readUInt32LE(at + 42)
    const start = local + 30 + bytes.readUInt16LE(local + 26)
    const data = inflateRawSync(bytes.subarray(start, start + compressed!))
    if (data.length !== size || crc32(data) !== crc) throw new Error(`${name}: wrong size or checksum`)
    entries.set(name, data.toString())
    at += 46 + nameLength
  }
  return entries
}

export function readXlsx(bytes: Buffer): XlsxSheet[] {
  const entries = readZip(bytes)
  const targets = new Map(
    [...entries.get('xl/_rels/workbook.xml.rels')!.matchAll(/Id="(\w+)" Type="[^"]+" Target="([^"]+)"/g)].map(
      ([, id, target]) => [id!, target!],
    ),
  )
  return [...entries.get('xl/workbook.xml')!.matchAll(/<sheet name="([^"]*)" sheetId="\d+" r:id="(\w+)"/g)].map(
    ([, name, id]) => {
      const xml = entries.get(`xl/${targets.get(id!)!}`)!
      return {
        name: unescape(name!),
        xml,
        rows: [...xml.matchAll(/<row>(.*?)<\/row>/gs)].map(([, row]) => readRow(row!)),
      }
    },
  )
}

const cellPattern =
  /<c r="(\w+)"(?: s="(\d+)")?(?: t="(\w+)")?>(?:<v>([^<]*)<\/v>|<is><t[^>]*>([^<]*)<\/t><\/is>)<\/c>/gs

function readRow(xml: string): Map<string, XlsxCell> {
  return new Map(
    [...xml.matchAll(cellPattern)].map(([, reference, style = '0', type, value, text]) => [
      reference!,
      {
        type: type === 'inlineStr' ? 'text' : type === 'b' ? 'boolean' : 'number',
        value: unescape(value ?? text!),
        style: Number(style),
      },
    ]),
  )
}

const unescape = (xml: string) =>
  xml
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
