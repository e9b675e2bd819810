// The parts of a workbook around its sheets. Source: ECMA-376 parts 1 and 2.
import { VERSION } from '../../shared/package-version.js'
import { escapeXml } from '../xml-text.js'

export interface WorkbookSheet {
  readonly name: string
  /** The file in `xl/worksheets`. */
  readonly file: string
  /** The cells of its table: `$A$1:$F$101`. */
  readonly range: string
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

export const packageRelationships: readonly [name: string, xml: string] = [
  '_rels/.rels',
  `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="${PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
]

export function createWorkbookParts(
  sheets: readonly WorkbookSheet[],
  timestampFormat: string,
  scales: readonly number[],
): readonly (readonly [name: string, xml: string])[] {
  const overrides = sheets.map(
    ({ file }) => `<Override PartName="/xl/worksheets/${file}" ContentType="${CONTENT}.worksheet+xml"/>`,
  )
  const entries = sheets.map(
    ({ name }, index) => `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  )
  const filters = sheets.map(
    ({ name, range }, index) =>
      `<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">${escapeXml(`'${name.replaceAll("'", "''")}'!${range}`)}</definedName>`,
  )
  const relationships = sheets.map(
    ({ file }, index) => `<Relationship Id="rId${index + 1}" Type="${OFFICE}/worksheet" Target="worksheets/${file}"/>`,
  )
  return [
    ['xl/styles.xml', createStyles(timestampFormat, scales)],
    [
      'xl/workbook.xml',
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr/><bookViews><workbookView/></bookViews><sheets>${entries.join('')}</sheets><definedNames>${filters.join('')}</definedNames></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${XML}<Relationships xmlns="${PACKAGE}/relationships">${relationships.join('')}<Relationship Id="rId${sheets.length + 1}" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    ],
    [
      'docProps/core.xml',
      `${XML}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>optimize-export ${VERSION}</dc:creator></cp:coreProperties>`,
    ],
    [
      '[Content_Types].xml',
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${CONTENT}.sheet.main+xml"/>${overrides.join('')}<Override PartName="/xl/styles.xml" ContentType="${CONTENT}.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`,
    ],
  ]
}

/** The numbers of formats that are not built in. */
const [TIMESTAMP_FORMAT_ID, DATE_FORMAT_ID, FIRST_DECIMAL_FORMAT_ID] = [164, 165, 166]
const TEXT_FORMAT_ID = 49

/** The styles have the order of `cellStyles`: general, timestamp, header, text, date; then the styles of decimals. */
function createStyles(timestampFormat: string, scales: readonly number[]): string {
  const dateFormat = timestampFormat.slice(0, timestampFormat.indexOf(' hh:'))
  const formatCode = (id: number, code: string) => `<numFmt numFmtId="${id}" formatCode="${escapeXml(code)}"/>`
  const format = (id: number, font = 0) => {
    const applied = `${id === 0 ? '' : ' applyNumberFormat="1"'}${font === 0 ? '' : ' applyFont="1"'}`
    return `<xf numFmtId="${id}" fontId="${font}" fillId="0" borderId="0" xfId="0"${applied}/>`
  }
  const font = (bold: string) => `<font>${bold}<sz val="11"/><name val="Calibri"/><family val="2"/></font>`
  const decimalCodes = scales.map((scale, index) =>
    formatCode(FIRST_DECIMAL_FORMAT_ID + index, scale === 0 ? '0' : `0.${'0'.repeat(scale)}`),
  )
  const formats = [
    ...[format(0), format(TIMESTAMP_FORMAT_ID), format(0, 1), format(TEXT_FORMAT_ID), format(DATE_FORMAT_ID)],
    ...scales.map((_, index) => format(FIRST_DECIMAL_FORMAT_ID + index)),
  ]
  return [
    `${XML}<styleSheet xmlns="${MAIN}">`,
    `<numFmts count="${2 + scales.length}">${formatCode(TIMESTAMP_FORMAT_ID, timestampFormat)}${formatCode(DATE_FORMAT_ID, dateFormat)}${decimalCodes.join('')}</numFmts>`,
    `<fonts count="2">${font('')}${font('<b/>')}</fonts>`,
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
    `<cellXfs count="${formats.length}">${formats.join('')}</cellXfs>`,
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
  ].join('')
}
